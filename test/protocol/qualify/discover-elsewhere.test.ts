import { expect, it } from 'vitest';
import { discoverTargets } from '../../../main/operations/qualification/discover-targets.ts';
import { startTarget } from '../../support/embedded-target.ts';
import type { FakeTarget } from '../../support/fake-iscsi-target.ts';
import { startFakeTarget } from '../../support/iscsi-conversations.ts';
import { nodeName } from '../../support/qualification.ts';

/* A machine tells at each of its portals of all of its targets, also of those that are served over other portals only: the Linux kernel's target does. */

const server = { ownName: () => Promise.resolve(nodeName), addresses: () => [] };

/** A portal that tells of a target and answers a logon to it with 0301h, service unavailable. */
const tellOf = (name: string, portals: readonly { host: string; port: number }[]): Promise<FakeTarget> =>
  startFakeTarget({
    targets: [{ name, portals: portals.map(({ host, port }) => ({ host, port, tag: 2 })) }],
    onPdu: (pdu, connection) => {
      if (pdu.kind !== 'loginRequest' || !pdu.data.includes(`TargetName=${name}`)) return false;
      connection.send({ kind: 'loginResponse', isid: pdu.isid, statusClass: 3, statusDetail: 1 });
      return true;
    },
  });

const look = (portal: string) =>
  discoverTargets({ portal, withLuns: true }, server, {
    signal: new AbortController().signal,
    progress: () => undefined,
  });

const portalOf = (fake: FakeTarget): string => `127.0.0.1:${fake.port}`;

it('the LUNs of a target that is served over other portals are read over those', async () => {
  const target = await startTarget();
  const fake = await tellOf(target.name, target.portals);
  const { targets } = await look(portalOf(fake));
  expect(targets).toMatchObject([{ name: target.name, problem: null, luns: [{ lun: 1 }] }]);
  expect(targets[0]?.lunsReadOver).toBe(`127.0.0.1:${target.portals[0]?.port}`);
  expect(targets[0]?.warnings).toEqual([expect.stringContaining(`is not served over ${portalOf(fake)}`)]);
});

it('where none of them can be used the last one’s failure is told, and nobody is asked to wait', async () => {
  const fake = await tellOf('iqn.2026-01.example:elsewhere', [{ host: '127.0.0.1', port: 1 }]);
  const { targets } = await look(portalOf(fake));
  const [{ luns, problem } = { luns: null, problem: null }] = targets;
  expect(luns).toBeNull();
  expect(problem?.what).toContain('127.0.0.1:1');
  expect(problem?.next).not.toMatch(/wait/i);
});

it('a portal that is listed in several portal groups is told: it leads to one of them', async () => {
  const portals = [1, 2].map((tag) => ({ host: '192.0.2.7', port: 3260, tag }));
  const fake = await startFakeTarget({
    targets: [{ name: 'iqn.2026-01.example:groups', portals: [...portals, { host: '192.0.2.8', port: 3260, tag: 2 }] }],
  });
  const { targets } = await discoverTargets({ portal: portalOf(fake), withLuns: false }, server, {
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  expect(targets[0]?.warnings).toEqual([
    expect.stringMatching(
      /^The portal 192\.0\.2\.7:3260 is listed in the portal groups 1 and 2, and can be in one only/,
    ),
  ]);
});
