import { describe, expect, it } from 'vitest';
import type { Registration } from '../../../main/iscsi/index.ts';
import {
  describeStrangers,
  type FoundRegistrations,
  type KnownOwners,
} from '../../../main/qualify/runner/strangers.ts';
import type { KeyNote } from '../../../main/qualify/index.ts';

const node1 = 'iqn.1991-05.com.microsoft:node1.example';
const node2 = 'iqn.1991-05.com.microsoft:node2.example';
const backup = 'iqn.2026-01.example:backup';
const ours = 0x5152415400000001n;

const of = (name: string, key: bigint, isid: string | null = '400001370000'): Registration => ({
  key,
  holder: undefined,
  allTargetPorts: false,
  relativeTargetPort: 1,
  transportId: { protocol: 'iscsi', name, isid: isid ?? undefined },
});

const noteOf = (key: bigint): KeyNote => ({
  portal: '192.0.2.1:3260',
  target: 'iqn.2026-01.example:array',
  lun: 1,
  initiator: node1,
  isid: '80aabbccddee',
  key: `0x${key.toString(16).padStart(16, '0')}`,
  since: '2026-01-01T00:00:00.000Z',
});

const nobody: KnownOwners = { clusterInitiators: [], ownInitiator: null, notes: [] };
const byStatus = (...registrations: Registration[]): FoundRegistrations => ({
  keys: registrations.map(({ key }) => key),
  held: null,
  registrations,
});
const wero = { key: 0xan, scope: 0, typeCode: 5 };

interface Row {
  readonly who: string;
  readonly found: FoundRegistrations;
  readonly known?: Partial<KnownOwners>;
  readonly begins: RegExp;
  readonly also?: readonly string[];
}

const cluster = /^the logical unit is in use by the cluster that this server belongs to: /;
const together =
  /^the logical unit is in use by this server together with others, as a cluster does \(name the other nodes with --cluster-node\): /;
const somebody = /^somebody else uses this logical unit: /;
const otherRun =
  /^a run of Quorate on another server, or with another data folder, uses this logical unit or left keys on it: /;
const earlierRun =
  /^an earlier run of Quorate that was ended left .*\. "quorate iscsi reservations clear-mine" removes exactly that$/;

const rows: readonly Row[] = [
  {
    who: 'a stranger',
    found: byStatus(of(backup, 0xan)),
    begins: somebody,
    also: [`0x000000000000000a of ${backup} (ISID 400001370000)`],
  },
  {
    who: 'a stranger without an ISID',
    found: byStatus(of(backup, 0xan, null)),
    begins: somebody,
    also: [`0x000000000000000a of ${backup};`],
  },
  {
    who: 'a stranger over Fibre Channel',
    found: byStatus({ ...of(backup, 0xan), transportId: { protocol: 'other', bytes: Buffer.alloc(24) } as never }),
    begins: somebody,
    also: ['0x000000000000000a of an unnamed initiator'],
  },
  {
    who: 'every node that was named',
    found: byStatus(of(node1, 1n), of(node2, 2n)),
    known: { clusterInitiators: [node1, node2] },
    begins: cluster,
    also: [node1, node2],
  },
  {
    who: 'a node that was named in capitals',
    found: byStatus(of(node1, 1n)),
    known: { clusterInitiators: [node1.toUpperCase()] },
    begins: cluster,
  },
  {
    who: 'a node whose target shows its name in capitals',
    found: byStatus(of(node1.toUpperCase(), 1n)),
    known: { clusterInitiators: [node1] },
    begins: cluster,
  },
  {
    who: 'this server and a node that was named',
    found: byStatus(of(node1, 1n), of(node2, 2n)),
    known: { clusterInitiators: [node2], ownInitiator: node1 },
    begins: cluster,
  },
  {
    who: 'this server alone',
    found: byStatus(of(node1, 1n)),
    known: { ownInitiator: node1.toUpperCase() },
    begins: cluster,
  },
  {
    who: 'the cluster and a stranger',
    found: byStatus(of(node1, 1n), of(backup, 2n)),
    known: { clusterInitiators: [node1, node2] },
    begins: somebody,
    also: [node1, backup],
  },
  {
    who: 'this server and one that was not named',
    found: byStatus(of(node1, 1n), of(node2, 2n)),
    known: { ownInitiator: node1 },
    begins: together,
  },
  {
    who: 'this server, a named node and a stranger',
    found: byStatus(of(node1, 1n), of(node2, 2n), of(backup, 3n)),
    known: { ownInitiator: node1, clusterInitiators: [node2] },
    begins: together,
  },
  {
    who: 'a key of Quorate under this server’s own name, which no cluster made',
    found: byStatus(of(node1, ours), of(node2, 2n)),
    known: { ownInitiator: node1 },
    begins: somebody,
  },
  {
    who: 'nothing but keys of another run',
    found: byStatus(of(node2, ours), of(node1, ours + 2n)),
    known: { ownInitiator: node1, clusterInitiators: [node2] },
    begins: otherRun,
  },
  { who: 'a noted key', found: byStatus(of(node1, ours)), known: { notes: [noteOf(ours)] }, begins: earlierRun },
  {
    who: 'a noted key and one of another run',
    found: byStatus(of(node1, ours), of(node2, ours + 2n)),
    known: { notes: [noteOf(ours)] },
    begins: otherRun,
  },
  {
    who: 'a noted key and a stranger',
    found: byStatus(of(node1, ours), of(backup, 5n)),
    known: { notes: [noteOf(ours)] },
    begins: somebody,
  },
  {
    who: 'keys whose owners the device does not tell',
    found: { keys: [1n, 2n], held: null, registrations: null },
    known: { clusterInitiators: [node1], ownInitiator: node1 },
    begins: somebody,
    also: [
      '0x0000000000000001 (the device does not tell whose it is), 0x0000000000000002 (the device does not tell whose it is)',
    ],
  },
  {
    who: 'keys that the full status does not have',
    found: { keys: [1n], held: null, registrations: [] },
    known: { clusterInitiators: [node1], ownInitiator: node1 },
    begins: somebody,
  },
  {
    who: 'a reservation without keys',
    found: { keys: [], held: { ...wero, key: 0n }, registrations: [] },
    known: { clusterInitiators: [node1], ownInitiator: node1, notes: [noteOf(ours)] },
    begins: somebody,
    also: ['a reservation without a key; Write Exclusive - Registrants Only (5) held with 0x0000000000000000'],
  },
  {
    who: 'a holder',
    found: { ...byStatus(of(backup, 0xan)), held: wero },
    begins: somebody,
    also: ['; Write Exclusive - Registrants Only (5) held with 0x000000000000000a'],
  },
  {
    who: 'registrations of this run, which are no strangers',
    found: { keys: [0xan], held: null, registrations: [of(node1, ours), of(backup, 0xan)] },
    known: { ownInitiator: node1 },
    begins: somebody,
  },
];

describe('who uses a logical unit', () => {
  it.each(rows)('$who', ({ found, known, begins, also = [] }) => {
    const sentence = describeStrangers(found, { ...nobody, ...known });
    expect(sentence).toMatch(begins);
    expect(sentence).toContain('nothing was changed');
    for (const one of also) expect(sentence).toContain(one);
  });

  it('is nobody where there is neither key nor reservation, whatever the full status says', () => {
    expect(describeStrangers({ keys: [], held: null, registrations: [of(node1, ours)] }, nobody)).toBeNull();
  });

  it('the registrations of this run are not among those that are listed', () => {
    const found = { keys: [0xan], held: null, registrations: [of(node1, ours), of(backup, 0xan)] };
    expect(describeStrangers(found, nobody)).not.toContain(node1);
  });
});
