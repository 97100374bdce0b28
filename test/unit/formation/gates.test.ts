import { describe, expect, it } from 'vitest';
import { agreeServers } from '../../../main/operations/formation/agree-servers.ts';
import { sameLuns } from '../../../main/operations/formation/same-luns.ts';
import { measureNetworks } from '../../../main/operations/formation/measure-networks.ts';
import type { AskCore } from '../../../main/operations/formation/qualify-lun.ts';
import type { Consistency } from '../../../shared/model/consistency.ts';
import type { LunMap, LunRow } from '../../../shared/model/lun-map.ts';
import type { MatrixLink, NetworkMatrix } from '../../../shared/model/network-matrix.ts';
import { measureSettingsSchema } from '../../../shared/model/network-measure.ts';
import { knownFailures } from '../../../shared/plan/formation/known-failures-phase.ts';
import { bareServer, exampleFile } from '../../support/formation.ts';

const file = exampleFile(2);
const signal = new AbortController().signal;

const comparison = (
  rows: readonly (readonly [id: string, outcome: 'pass' | 'warn' | 'fail' | 'unknown'])[],
  names: readonly string[] = ['NODE1', 'node2'],
): Consistency => ({
  schema: 'quorate.consistency/1',
  at: '2026-01-01T00:00:00.000Z',
  servers: names.map((name) => ({ id: name, name, because: null })),
  outcome: 'pass',
  sentence: '',
  rows: rows.map(([id, outcome]) => ({
    id,
    title: `Row ${id}`,
    outcome,
    text: `It is ${outcome}.`,
    cells: [],
    next: 'Look there.',
    source: '',
  })),
});

type Acceptances = Parameters<typeof agreeServers>[0]['acceptances'];

const judged = (found: Consistency, acceptances: Acceptances = []): Promise<string> => {
  const asked: unknown[] = [];
  const ask = ((method: string, input: unknown) => {
    asked.push([method, input]);
    return Promise.resolve(found);
  }) as unknown as AskCore;
  return agreeServers({ ask, acceptances })('', file, signal);
};

describe('the comparison of the servers', () => {
  it('stops at a warning until it is accepted by its name, and tells it then', async () => {
    const found = comparison([
      ['clock', 'pass'],
      ['os.updates', 'warn'],
      ['cpu.model', 'unknown'],
    ]);
    await expect(judged(found)).rejects.toMatchObject({
      code: 'FORM_WARNINGS_OPEN',
      detail: { names: 'os.updates', next: 'Look there.' },
    });
    await expect(judged(found, [{ test: 'os.version', because: 'another one' }])).rejects.toMatchObject({
      code: 'FORM_WARNINGS_OPEN',
    });
    const proof = await judged(found, [{ test: 'OS.Updates', because: 'the window is tonight' }]);
    expect(proof).toContain('3 properties of 2 servers compared');
    expect(proof).toContain('Accepted (os.updates, the window is tonight): Row os.updates: It is warn.');
    expect(proof).toContain('Row cpu.model: It is unknown.');
  });

  it('takes the switches that the file makes for its own matter', async () => {
    expect(file.switches).toHaveLength(1);
    expect(await judged(comparison([['switch.names', 'warn']]))).toContain(
      'Accepted (switch.names, the cluster file makes Machines',
    );
  });

  it('lets nobody accept what fails, or what decides and is not known', async () => {
    for (const outcome of ['fail', 'unknown'] as const)
      await expect(
        judged(comparison([['clone.mac', outcome]]), [{ test: 'clone.mac', because: 'it is fine like this' }]),
      ).rejects.toMatchObject({ code: outcome === 'fail' ? 'FORM_SERVERS_DIFFER' : 'FORM_SERVERS_UNKNOWN' });
  });

  it('stops at a difference that must not be, before what is not known', async () => {
    await expect(
      judged(
        comparison([
          ['clock', 'unknown'],
          ['os.version', 'fail'],
        ]),
      ),
    ).rejects.toMatchObject({
      code: 'FORM_SERVERS_DIFFER',
      detail: { what: 'Row os.version: It is fail.', next: 'Look there.' },
    });
  });

  it('stops at what decides and is not known, with what to find out', async () => {
    for (const id of ['os.version', 'clock', 'clone.mac'])
      await expect(judged(comparison([[id, 'unknown']]))).rejects.toMatchObject({
        code: 'FORM_SERVERS_UNKNOWN',
        detail: { next: 'Look there.' },
      });
  });

  it('never takes a server that was not compared for one that agrees', async () => {
    await expect(judged(comparison([['clock', 'pass']], ['NODE1']))).rejects.toMatchObject({
      code: 'FORM_SERVERS_UNKNOWN',
      detail: { what: 'NODE2 could not be asked' },
    });
  });
});

describe('the map of the LUNs', () => {
  const row = (serial: string, change: Partial<LunRow> = {}): LunRow => ({
    identity: `naa.${serial}`,
    serial: `${serial} `,
    sizeBytes: '1',
    verdict: 'same',
    outcome: 'pass',
    text: 'It is said.',
    next: 'Look there.',
    cells: [true, true].map((isSeen) => ({ isSeen, paths: [], because: null })),
    ...change,
  });
  const [witness, data] = file.storage.luns.map(({ serial }) => serial) as [string, string];
  const judge = (luns: readonly LunRow[], acceptances: Acceptances = []): Promise<string> => {
    const map: LunMap = {
      schema: 'quorate.lun-map/1',
      at: '2026-01-01T00:00:00.000Z',
      servers: [],
      outcome: 'pass',
      sentence: '',
      luns: [...luns],
      source: '',
    };
    const ask = (() => Promise.resolve(map)) as unknown as AskCore;
    return sameLuns({ ask, acceptances })('', file, signal);
  };
  const cells = (...seen: (boolean | null)[]): LunRow['cells'] =>
    seen.map((isSeen) => ({ isSeen, paths: [], because: null }));

  it('passes when every LUN of the file is one unit, whatever else there is', async () => {
    const other = row('OTHER', { verdict: 'different', outcome: 'fail' });
    expect(await judge([row(witness), row(data), other])).toBe('2 LUNs are the same on 2 servers');
  });

  it('does not mind a paired server that is not in the file', async () => {
    const missing = row(data, { verdict: 'missing', outcome: 'fail', cells: cells(true, true, false) });
    const silent = row(witness, { verdict: 'unknown', outcome: 'unknown', cells: cells(true, true, null) });
    expect(await judge([missing, silent])).toContain('2 LUNs');
  });

  it('stops at two units, at one that a server lacks, and at what is not known', async () => {
    for (const bad of [
      row(data, { verdict: 'different', outcome: 'fail' }),
      row(data, { verdict: 'missing', outcome: 'fail', cells: cells(true, false) }),
      row(data, { identity: null, verdict: 'unknown', outcome: 'fail' }),
      row(data, { identity: null, verdict: 'unknown', outcome: 'fail', cells: cells(true, true, false) }),
    ])
      await expect(
        judge([row(witness), bad], [{ test: `lun ${data}`, because: 'it will be fine' }]),
      ).rejects.toMatchObject({
        code: 'FORM_LUNS_DIFFER',
        detail: { what: `LUN ${data}: It is said.`, next: 'Look there.' },
      });
    const silent = row(data, { verdict: 'unknown', outcome: 'unknown', cells: cells(true, null) });
    await expect(judge([row(witness), silent])).rejects.toMatchObject({ code: 'FORM_LUNS_UNKNOWN' });
    await expect(judge([row(witness)])).rejects.toMatchObject({
      code: 'FORM_LUNS_UNKNOWN',
      detail: { what: expect.stringContaining(data) as string },
    });
  });

  it('stops at uneven paths until they are accepted by the name of the LUN', async () => {
    const uneven = row(data, { outcome: 'warn' });
    await expect(judge([row(witness), uneven])).rejects.toMatchObject({
      code: 'FORM_WARNINGS_OPEN',
      detail: { names: `lun ${data}` },
    });
    expect(await judge([row(witness), uneven], [{ test: `LUN ${data}`, because: 'one path is ordered' }])).toContain(
      'one path is ordered',
    );
  });
});

describe('the measurement of the networks', () => {
  const addresses = file.servers.map(({ nics }) => nics.map(({ addresses: [text] }) => text!.split('/')[0]!));
  const id = 'matrix-20260101-000000-000';
  type Finding = MatrixLink['findings'][number];

  /** A matrix in which every pair of the file was measured, and one finding of one link is another. */
  const measured = (
    change: { readonly finding?: Partial<Finding>; readonly portal?: Partial<Finding>; readonly lost?: string } = {},
  ): NetworkMatrix => {
    const good: Finding = { id: 'reach', outcome: 'pass', text: 'It answers.', next: null };
    const link = (source: string, destination: string, finding: Partial<Finding>): MatrixLink => ({
      from: 'local',
      to: null,
      portal: null,
      subnet: '192.0.2.0/24',
      source,
      destination,
      figures: null,
      findings: [{ ...good, ...finding }],
      outcome: 'pass',
      measuredAt: null,
    });
    const [one = [], other = []] = addresses;
    const pairs = one.flatMap((address, index) => [
      link(address, other[index]!, index === 2 ? (change.finding ?? {}) : {}),
      link(other[index]!, address, {}),
    ]);
    const portals = file.storage.portals.flatMap(({ address }, index) =>
      addresses.map((own) => link(own[2 + index]!, address, change.portal ?? {})),
    );
    return {
      schema: 'quorate.network-matrix/1',
      id,
      isRehearsal: true,
      startedAt: '2026-01-01T00:00:00.000Z',
      endedAt: '2026-01-01T00:00:01.000Z',
      settings: measureSettingsSchema.parse({}),
      servers: [],
      networks: [],
      links: [...pairs, ...portals].filter(({ source }) => source !== change.lost),
      separations: [],
      findings: [],
      outcome: 'pass',
      sentence: '',
    };
  };
  const asked: unknown[] = [];
  const judge = (matrix: NetworkMatrix, acceptances: Acceptances = [], subject = ''): Promise<string> => {
    const ask = ((method: string, input: unknown) => {
      asked.push([method, input]);
      return Promise.resolve(matrix);
    }) as unknown as AskCore;
    return measureNetworks({ ask, acceptances })(subject, file, signal);
  };
  const portalA = file.storage.portals[0]!.address;

  it('passes when every pair and every portal was measured and is well', async () => {
    expect(await judge(measured())).toBe(`12 paths measured (${id})`);
    expect(asked.at(-1)).toMatchObject([
      'peers.matrix',
      { portals: file.storage.portals.map(({ address, port }) => ({ address, port })) },
    ]);
  });

  it('fills no network with data where machines run', async () => {
    await judge(measured(), [], 'withoutLoad');
    expect(asked.at(-1)).toMatchObject(['peers.matrix', { settings: { bandwidthMs: 0 } }]);
  });

  it('stops at what fails, which nobody can accept', async () => {
    const lost = measured({ finding: { outcome: 'fail', text: 'NODE2 does not answer.', next: 'Check the cable.' } });
    await expect(judge(lost, [{ test: 'reach iSCSI A', because: 'it will be fine' }])).rejects.toMatchObject({
      code: 'FORM_NETWORKS_FAIL',
      detail: { what: 'NODE2 does not answer.', next: 'Check the cable.' },
    });
    await expect(judge(measured({ portal: { outcome: 'fail', text: 'No.' } }))).rejects.toMatchObject({
      code: 'FORM_NETWORKS_FAIL',
      detail: { what: 'No. And 3 more.' },
    });
  });

  it('stops at a warning until it is accepted by its name', async () => {
    const slow = measured({ finding: { id: 'bandwidth', outcome: 'warn', text: '100 Mbit/s.', next: 'Look again.' } });
    await expect(judge(slow)).rejects.toMatchObject({
      code: 'FORM_WARNINGS_OPEN',
      detail: { names: 'bandwidth iSCSI A' },
    });
    expect(await judge(slow, [{ test: 'Bandwidth iscsi a', because: 'an old switch' }])).toContain(
      'accepted: bandwidth iSCSI A (an old switch)',
    );
  });

  it('stops where nobody knows whether they reach each other: not measured, or ICMP blocked', async () => {
    await expect(judge(measured({ lost: addresses[0]![1]! }))).rejects.toMatchObject({
      code: 'FORM_NETWORKS_UNKNOWN',
      detail: { what: `NODE1 was not measured towards NODE2 from ${addresses[0]![1]!}.` },
    });
    await expect(judge(measured({ finding: { outcome: 'unknown', text: 'ICMP is blocked.' } }))).rejects.toMatchObject({
      code: 'FORM_NETWORKS_UNKNOWN',
    });
  });

  it('stops at a portal that was not measured', async () => {
    const matrix = measured();
    const links = matrix.links.filter(({ destination }) => destination !== portalA);
    await expect(judge({ ...matrix, links })).rejects.toMatchObject({
      code: 'FORM_NETWORKS_UNKNOWN',
      detail: { what: expect.stringContaining(`the portal ${portalA}`) as string },
    });
  });

  it('tells what is not known and does not decide', async () => {
    const matrix = measured({ finding: { id: 'packet', outcome: 'unknown' } });
    expect(await judge(matrix)).toContain('not known: packet iSCSI A');
  });
});

describe('known failures', () => {
  const features = ['Hyper-V', 'Failover-Clustering'] as const;
  const input = (change: { readonly automount?: boolean; readonly isRead?: boolean } = {}) =>
    bareServer(file, 0, (bare) => ({
      ...bare,
      observed: {
        ...bare.observed,
        storage: {
          ...bare.observed.storage!,
          policy:
            change.isRead === false ? null : { ...bare.observed.storage!.policy!, automount: change.automount ?? true },
        },
        roles: {
          node: 'NODE1',
          state: {
            features: features.map((name) => ({ name, state: 'installed' })),
            hypervisorPresent: true,
            managementService: 'running',
            unread: [],
          },
        },
        cluster: { node: 'NODE1', state: { membership: 'none', cluster: null, unread: [] } },
      },
    }));

  it('stop a server that has one, with what it would look like later', () => {
    expect(knownFailures.plan(input()).refusals).toEqual([]);
    const { refusals } = knownFailures.plan(input({ automount: false }));
    expect(refusals?.map(({ code }) => code)).toEqual(['FORM_KNOWN_FAILURE']);
    expect(refusals?.[0]?.what).toContain('If ignored:');
    expect(refusals?.[0]?.next).not.toBe('');
  });

  it('stop where it could not be read whether there is one', () => {
    const { unknowns } = knownFailures.plan(input({ isRead: false }));
    expect(unknowns?.length).toBeGreaterThan(0);
    for (const { next } of unknowns ?? []) expect(next).not.toBe('');
  });

  it('are not looked for in servers that were validated', () => {
    const validated = [{ nodes: ['NODE1', 'NODE2'], at: '2026-01-01T00:00:00.000Z', report: null, accepted: [] }];
    const done = input({ automount: false });
    expect(knownFailures.plan({ ...done, proofs: { ...done.proofs, validated } })).toEqual({});
  });
});
