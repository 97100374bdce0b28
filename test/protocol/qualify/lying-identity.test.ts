import { describe, expect, it } from 'vitest';
import type { QualificationSettings } from '../../../main/qualify/runner/run.ts';
import { clock } from '../../support/clock.ts';
import { mebibytes } from '../../support/embedded-target.ts';
import {
  answering,
  changed,
  check,
  expectLeftAsFound,
  itFinds,
  lyingIn,
  makeLie,
  type Lie,
  type Told,
} from '../../support/lying-device.ts';
import { caseOf, startQualified, type QualifiedTarget } from '../../support/qualification.ts';

/* Devices that lie about what they are, over one of two portals, and under what a cluster does to them: see lying-devices.test.ts. */

const isPage83 = ({ name, cdb }: Told): boolean => name === 'inquiry' && cdb[1] === 1 && cdb[2] === 0x83;
const isInquiry = ({ name, cdb }: Told): boolean => name === 'inquiry' && cdb[1] === 0;
const otherPortal = ({ portals }: QualifiedTarget): Partial<QualificationSettings> => ({
  otherPaths: portals.slice(1).map(({ host, port }) => ({ portal: `${host}:${port}` })),
});
const twoPortals = { target: { portalGroups: [1, 2] }, options: otherPortal } as const;

/** The last byte of the NAA designator, which comes first in the page. */
const otherNaa = (data: Buffer): void => void data.writeUInt8(data.readUInt8(11) ^ 0xff, 11);

const identity: readonly Lie[] = [
  {
    lie: 'the device is not ready for the second initiator only',
    id: 'Identity.Unit.Ready',
    because: /^to initiator B the device answers CHECK CONDITION, NOT READY/,
    make: answering(
      ({ name, role }) => name === 'test-unit-ready' && role === 'B',
      () => check('notReadyBecomingReady'),
    ),
  },
  {
    lie: 'the device is not ready for the first initiator only',
    id: 'Identity.Unit.Ready',
    because: /^to initiator A the device answers CHECK CONDITION, NOT READY/,
    make: answering(
      ({ name, role }) => name === 'test-unit-ready' && role === 'A',
      () => check('notReadyBecomingReady'),
    ),
  },
  {
    lie: 'the identity depends on the initiator',
    id: 'Identity.Vpd83.SameOverSessions',
    because: /^the first initiator reads (naa\.\w+), the second (?!\1)naa\.\w+$/,
    make: answering(
      (told) => isPage83(told) && told.role === 'B',
      ({ truth }) => changed(truth(), otherNaa),
    ),
  },
  {
    lie: 'there is no such LUN at the second portal',
    id: 'Identity.Vpd83.SameOverPortals',
    because: /^over 127\.0\.0\.1:\d+ there is no LUN 1/,
    make: answering(
      (told) => isInquiry(told) && told.portalIndex === 1,
      ({ truth }) => changed(truth(), (data) => void data.writeUInt8(0x7f, 0)),
    ),
    ...twoPortals,
  },
  {
    lie: 'the LUN has another size at the second portal',
    id: 'Identity.Vpd83.SameOverPortals',
    because: /^over 127\.0\.0\.1:\d+ the size is 6290944 bytes, not 6291456/,
    make: answering(
      ({ name, portalIndex }) => name === 'read-capacity-16' && portalIndex === 1,
      ({ truth }) => changed(truth(), (data) => void data.writeBigUInt64BE(data.readBigUInt64BE(0) - 1n, 0)),
    ),
    ...twoPortals,
  },
  {
    lie: 'the LUN has another identity at the second portal',
    id: 'Identity.Vpd83.SameOverPortals',
    because: /^over 127\.0\.0\.1:\d+ the identity is naa\.\w+, over 127\.0\.0\.1:\d+ it is naa\.\w+/,
    make: answering(
      (told) => isPage83(told) && told.portalIndex === 1,
      ({ truth }) => changed(truth(), otherNaa),
    ),
    ...twoPortals,
  },
];

/** What is known at a portal group, as one that does not share it shows it. */
const portalsApart: readonly Lie[] = [
  {
    lie: 'registrations and reservations are known at one portal only',
    because: /^over 127\.0\.0\.1:\d+ the registration made over 127\.0\.0\.1:\d+ is not seen/,
    make: (): ReturnType<Lie['make']> => ({}),
    target: { portalGroups: [1, 2], faults: ['reservations-per-portal'] },
  },
  {
    lie: 'keys are shown at the second portal, the reservation is not',
    because: /^over 127\.0\.0\.1:\d+ the reservation held over 127\.0\.0\.1:\d+ is not seen/,
    make: answering(
      ({ asked, portalIndex }) => asked === 'readReservation' && portalIndex === 1,
      (told) => told.showing({ ...told.unit.reservations, reservation: null }),
    ),
    target: twoPortals.target,
  },
  {
    lie: 'what is held over the first portal is shown at the second and not enforced',
    because: /^over 127\.0\.0\.1:\d+ the reservation held over 127\.0\.0\.1:\d+ is shown and not enforced/,
    make: (): ReturnType<Lie['make']> => ({
      admits: ({ nexus, state, truth }) =>
        truth() || (nexus.portalGroupTag === 2 && state.reservation?.holder?.portalGroupTag === 1),
    }),
    target: twoPortals.target,
  },
  {
    lie: 'what is held over the second portal is shown at the first and not enforced',
    because: /^over 127\.0\.0\.1:\d+ the reservation held over 127\.0\.0\.1:\d+ is shown and not enforced/,
    make: (): ReturnType<Lie['make']> => ({
      admits: ({ nexus, state, truth }) =>
        truth() || (nexus.portalGroupTag === 1 && state.reservation?.holder?.portalGroupTag === 2),
    }),
    target: twoPortals.target,
  },
].map((row): Lie => ({ ...row, id: 'Behaviour.Portals.Consistent', options: otherPortal }));

const behaviour: readonly Lie[] = [
  {
    lie: 'reads over a further session are refused',
    id: 'Behaviour.Concurrency.SeveralInitiators',
    because: /^(8|16) of 32 reads at the same time were not answered with GOOD/,
    make: answering(
      ({ name, role, unit }) => name === 'read-10' && role === 'more' && unit.reservations.registrations.length === 0,
      () => check('unrecoveredReadError'),
    ),
  },
];

describe.each(lyingIn)('a device that lies about what it is (%s)', (kind) => {
  itFinds(kind, [...identity, ...portalsApart, ...behaviour]);

  it.each([
    [511n, 'failed'],
    [512n, 'passed'],
  ])('a witness of %i MiB: %s', async (size, verdict) => {
    const target = await startQualified(kind, {
      luns: [{ lun: 1, sizeBytes: mebibytes(Number(size)), serial: 'QUORATE-1' }],
    });
    const id = 'Identity.Size.Purpose';
    const report = await target.run({ purpose: 'witness' });
    expect(caseOf(report, id)).toMatchObject({
      verdict,
      because:
        verdict === 'passed'
          ? null
          : 'the logical unit has 535822336 bytes (511 MiB); a witness needs at least 536870912 bytes (512 MiB)',
    });
    expect(report.verdict).toBe(verdict === 'passed' ? 'qualified' : 'notQualified');
    const other = await target.run({ purpose: 'vm' });
    expect(caseOf(other, id).verdict).toBe('passed');
    await expectLeftAsFound(target);
  });

  it.each([520, 1024, 2048])('blocks of %i bytes are none that Windows uses', async (size) => {
    const target = await startQualified(kind);
    makeLie(
      target,
      {
        answers: ({ name, truth }) =>
          name === 'read-capacity-16' || name === 'read-capacity-10'
            ? changed(truth(), (data) => void data.writeUInt32BE(size, name === 'read-capacity-16' ? 8 : 4))
            : undefined,
      },
      { oneName: kind === 'guarded' },
    );
    const report = await target.run({ cases: ['Identity.*'] });
    expect(caseOf(report, 'Identity.BlockSize.Supported')).toMatchObject({
      verdict: 'failed',
      because: `a block has ${size} bytes`,
    });
    expect(report.verdict).toBe('notQualified');
  });

  it('blocks of 4096 bytes are fine', async () => {
    const target = await startQualified(kind, {
      luns: [{ lun: 1, sizeBytes: mebibytes(6), serial: 'QUORATE-1', blockSizeBytes: 4096 }],
    });
    const report = await target.run();
    expect(report.verdict).toBe('qualified');
    expect(caseOf(report, 'Identity.BlockSize.Supported').figures).toMatchObject({ blockSizeBytes: 4096 });
    await expectLeftAsFound(target);
  });
});

const reconnect = 'Behaviour.Reconnect.InTime';
const isCut = (event: Parameters<QualificationSettings['onProgress']>[0]): boolean =>
  event.kind === 'step' && event.step.text === 'Cut the connection without a logout';

describe.each(lyingIn)('after a cut connection (%s)', (kind) => {
  it('a session really begins anew, under the same name and ISID', async () => {
    const target = await startQualified(kind);
    const before = target.events.length;
    const report = await target.run({ cases: [reconnect] });
    expect(caseOf(report, reconnect).verdict).toBe('passed');
    const logins = target.events.slice(before).flatMap((event) => (event.kind === 'login' ? [event] : []));
    const names = logins.map(({ initiatorName, isid }) => `${initiatorName} ${isid}`);
    // A and B, which log on together, and A once more.
    expect(names).toHaveLength(3);
    const first = logins.slice(0, 2).find((_login, at) => names[at] === names[2]);
    expect(first).toBeDefined();
    const ended = target.events.find((event) => event.kind === 'sessionEnded' && event.session === first?.session);
    expect(ended).toMatchObject({ because: expect.not.stringMatching(/log(ged)? ?out/i) as unknown });
  });

  it('one that is back after the limit fails', async () => {
    const target = await startQualified(kind);
    const time = clock();
    const report = await target.run({
      cases: [reconnect],
      onProgress: (event) => isCut(event) && time.putForward(60_001),
    });
    expect(caseOf(report, reconnect)).toMatchObject({
      verdict: 'failed',
      because: expect.stringMatching(/^the session was back after 6\d{4} ms; Windows waits 60000 ms$/) as unknown,
    });
    expect(report.verdict).toBe('notQualified');
  });

  it('one that is not back by the limit fails, and the reason is the target’s', async () => {
    const target = await startQualified(kind);
    const time = clock();
    const report = await target.run({
      cases: [reconnect],
      onProgress: (event) => {
        if (!isCut(event)) return;
        target.faults.add('login-status:0301');
        time.putForward(60_001);
      },
    });
    expect(caseOf(report, reconnect)).toMatchObject({
      verdict: 'failed',
      because: expect.stringMatching(/^after 60 seconds the session is not back: .*127\.0\.0\.1/) as unknown,
    });
    expect(report.verdict).toBe('notQualified');
  });

  it('one that is back before the limit passes, however often it was refused', async () => {
    const target = await startQualified(kind);
    const time = clock({ standsStill: true });
    let refusals = 0;
    const report = await target.run({
      cases: [reconnect],
      onProgress: (event) => {
        if (isCut(event)) {
          target.faults.add('login-status:0301');
          time.putForward(59_000);
        }
        if (event.kind === 'step' && event.step.answer?.startsWith('no answer') && ++refusals === 2)
          target.faults.remove('login-status');
      },
    });
    expect(refusals).toBe(2);
    expect(caseOf(report, reconnect)).toMatchObject({ verdict: 'passed', because: null });
  });
});
