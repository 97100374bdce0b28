import { describe, expect, it } from 'vitest';
import { encodeInquiry } from '../../../main/iscsi/index.ts';
import { answering, check, good, makeLie, type Lie, type Told } from '../../support/lying-device.ts';
import { caseOf, startQualified } from '../../support/qualification.ts';

/*
 * What one LUN says wrongly of itself costs that LUN that fact, and nothing else: neither its neighbour's verdict nor its own other cases. What it did
 * not say in a readable way is never called "none".
 */

const standardInquiry = encodeInquiry({
  peripheralQualifier: 0,
  deviceType: 0,
  removable: false,
  version: 6,
  targetPortGroupSupport: 0,
  thirdPartyCopy: false,
  protect: false,
  multiPort: false,
  commandQueuing: true,
  vendor: 'ODD',
  product: 'DISK',
  revision: '1',
  versionDescriptors: [],
});

const isVpd = ({ name, cdb }: Told): boolean => name === 'inquiry' && cdb[1] === 1;
const say = (is: (told: Told) => boolean, data: Buffer): Lie['make'] => answering(is, () => ({ ...good, data }));

describe('a LUN that sends its standard INQUIRY for every VPD page', () => {
  const lie = say(isVpd, standardInquiry);

  it('costs its neighbour nothing: qualified, and the report names the LUN that was not compared', async () => {
    const target = await startQualified('open');
    makeLie(target, lie());
    const report = await target.run({ lun: 2 });
    expect(report).toMatchObject({ verdict: 'qualified', leftBehind: [] });
    const unique = caseOf(report, 'Identity.Vpd83.Unique');
    expect(unique).toMatchObject({ verdict: 'passed', figures: { comparedLuns: 0 } });
    expect(unique.steps).toContainEqual(
      expect.objectContaining({
        text: 'LUN 1 was not compared',
        answer: expect.stringContaining('VPD 83h is malformed') as string,
      }),
    );
  });

  it('is judged by what came, and asked everything else', async () => {
    const target = await startQualified('open');
    makeLie(target, lie());
    const report = await target.run({ lun: 1 });
    expect(report.verdict).toBe('notQualified');
    expect(report.lun).toMatchObject({ identity: null, serial: null, unread: ['identity', 'serial'] });
    const wrong = 'page 0h came instead of';
    expect(caseOf(report, 'Identity.Vpd83.Present').because).toBe(`VPD 83h is malformed: ${wrong} 83h`);
    expect(caseOf(report, 'Identity.Serial.Present').because).toBe(`VPD 80h is malformed: ${wrong} 80h`);
    const reservations = report.cases.filter(({ id }) => id.startsWith('Reservations.'));
    expect(reservations.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
    expect(caseOf(report, 'Reservations.Preempt.TakesOver').verdict).toBe('passed');
  });
});

it.each<[string, Lie['make'], string, RegExp]>([
  [
    'READ CAPACITY (16) of eight bytes',
    say(({ name }) => name === 'read-capacity-16', Buffer.alloc(8)),
    'Identity.Provisioning.Reported',
    /^READ CAPACITY \(16\) is malformed: /,
  ],
  [
    'MODE SENSE whose block descriptor does not fit',
    say(({ name }) => name === 'mode-sense-6', Buffer.from([3, 0, 0, 200])),
    'Identity.WriteProtect.Off',
    /^MODE SENSE \(6\) is malformed: .*, so the write protection is not known$/,
  ],
])('%s costs one case', async (_what, lie, id, because) => {
  const target = await startQualified('open');
  makeLie(target, lie());
  const report = await target.run({ lun: 1 });
  expect(caseOf(report, id).because).toMatch(because);
  expect(report.cases.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
});

it('a device that answers no read is not blamed for several initiators: it is asked by one alone', async () => {
  const target = await startQualified('open');
  makeLie(
    target,
    answering(
      ({ name }) => name === 'read-10' || name === 'read-16',
      () => check('invalidOperationCode'),
    )(),
  );
  const report = await target.run({ lun: 1 });
  expect(report.verdict).toBe('notQualified');
  expect(caseOf(report, 'Behaviour.Concurrency.SeveralInitiators')).toMatchObject({
    verdict: 'inconclusive',
    because: expect.stringMatching(
      /^a read over one session alone is refused as well: CHECK CONDITION, ILLEGAL REQUEST/,
    ) as string,
  });
  expect(caseOf(report, 'Behaviour.Latency.Percentiles').verdict).toBe('failed');
});
