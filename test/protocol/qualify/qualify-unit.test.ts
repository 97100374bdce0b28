import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { qualifyInputSchema } from '../../../shared/contract/iscsi.ts';
import type { Progress } from '../../../shared/contract/define.ts';
import { Failure } from '../../../shared/errors/failure.ts';
import { parseQualification } from '../../../main/operations/qualification/import-qualification.ts';
import { qualifyUnit } from '../../../main/operations/qualification/qualify-unit.ts';
import { allCases } from '../../../main/qualify/suites/index.ts';
import type { QualificationReport } from '../../../shared/model/qualification.ts';
import { caseOf, nodeName, startQualified, surroundings, type QualifiedTarget } from '../../support/qualification.ts';

type Input = Partial<z.input<typeof qualifyInputSchema>>;

const run = (
  target: QualifiedTarget,
  more: Input,
  {
    signal = new AbortController().signal,
    progress = () => undefined,
  }: { signal?: AbortSignal; progress?: (progress: Progress) => void } = {},
): Promise<QualificationReport> =>
  qualifyUnit(
    qualifyInputSchema.parse({
      portal: `${target.host}:${target.port}`,
      target: target.name,
      lun: 1,
      initiator: nodeName,
      ...('chap' in target.settings().access ? { chap: { user: 'node1', secret: 'twelve-bytes!' } } : {}),
      ...more,
    }),
    {
      server: { ownName: () => Promise.resolve(nodeName), addresses: () => [] },
      notes: target.notes,
      machine: 'test',
      version: '0',
      now: () => new Date(),
    },
    { signal, progress },
  );

const failureOf = async (promise: Promise<unknown>): Promise<Failure> => {
  const error = await promise.then(() => null).catch((thrown: unknown) => thrown);
  if (error instanceof Failure) return error;
  throw new Error(`no failure: ${String(error)}`);
};

describe.each(surroundings)('leave to lose data (%s)', (kind) => {
  it.each<[string, Input, string]>([
    ['without a serial number', { allowReservations: true, allowDataLoss: true }, 'QUALIFY_SERIAL_NEEDED'],
    ['with an empty one', { allowReservations: true, allowDataLoss: true, serial: ' ' }, 'QUALIFY_SERIAL_NEEDED'],
    ['only as a serial number', { allowReservations: true, serial: 'QUORATE-1' }, 'QUALIFY_SERIAL_WITHOUT_DATA_LOSS'],
    ['without reservations', { allowDataLoss: true, serial: 'QUORATE-1' }, 'QUALIFY_DATA_LOSS_WITHOUT_RESERVATIONS'],
  ])('%s is refused before anything is sent', async (_how, input, code) => {
    const target = await startQualified(kind);
    const events = target.events.length;
    const failure = await failureOf(run(target, input));
    expect(failure.code).toBe(code);
    expect(`${failure.message} ${failure.next}`).not.toContain('QUORATE-1');
    expect(target.events).toHaveLength(events);
  });

  it('with another serial number writes nothing, and does not print the right one', async () => {
    const target = await startQualified(kind);
    const failure = await failureOf(run(target, { allowReservations: true, allowDataLoss: true, serial: 'QUORATE-2' }));
    expect(failure.code).toBe('QUALIFY_SERIAL_DIFFERS');
    expect(`${failure.message} ${failure.next}`).not.toContain('QUORATE-1');
  });

  it.each(['unknown', 'null', 'QUORATE-1'])('for a LUN without a name is not given by "%s"', async (serial) => {
    const target = await startQualified(kind, { faults: ['serial-missing', 'vpd83-missing'] });
    await target.fill();
    const failure = await failureOf(run(target, { allowReservations: true, allowDataLoss: true, serial }));
    expect(failure.code).toBe('QUALIFY_LUN_NAMELESS');
    expect(target.store.get(1)?.reservations.generation).toBe(0);
  });
});

describe.each(surroundings)('portals (%s)', (kind) => {
  const two = { portalGroups: [1, 2] } as const;
  const at = (target: QualifiedTarget, index: number): string =>
    `${target.portals[index]?.host}:${target.portals[index]?.port}`;

  it('that are given twice are refused before anything is sent', async () => {
    const target = await startQualified(kind);
    const events = target.events.length;
    for (const portal of [at(target, 0), ` ${at(target, 0)} `]) {
      const failure = await failureOf(run(target, { otherPortals: [{ portal }] }));
      expect(failure.code).toBe('QUALIFY_PORTAL_TWICE');
    }
    expect(target.events).toHaveLength(events);
  });

  it('that are one under a name and an address prove nothing about several', async () => {
    const target = await startQualified(kind);
    const report = await target.run({ otherPaths: [{ portal: `localhost:${target.port}` }] });
    for (const id of ['Identity.Vpd83.SameOverPortals', 'Behaviour.Portals.Consistent']) {
      expect(caseOf(report, id)).toMatchObject({ verdict: 'skipped', required: false });
      expect(caseOf(report, id).because).toContain('one and the same');
    }
  });

  it('that lead to one address by redirect are inconclusive, and the report says where each led', async () => {
    const target = await startQualified(kind, two);
    const led = await startQualified('open', { faults: [`redirect-temporary:${at(target, 0)}`] });
    const report = await target.run({ otherPaths: [{ portal: at(led, 0) }] });
    for (const id of ['Identity.Vpd83.SameOverPortals', 'Behaviour.Portals.Consistent']) {
      expect(caseOf(report, id)).toMatchObject({ verdict: 'inconclusive', required: true });
      expect(caseOf(report, id).because).toContain(`both led to ${at(target, 0)}`);
    }
    expect(report.portalEnds.map(({ portal, end }) => [portal, end])).toEqual([
      [at(target, 0), at(target, 0)],
      [at(led, 0), at(target, 0)],
    ]);
  });

  it('enforce what is held over another, and the reverse', async () => {
    const target = await startQualified(kind, two);
    const report = await target.run({ otherPaths: [{ portal: at(target, 1) }] });
    expect(caseOf(report, 'Behaviour.Portals.Consistent').verdict).toBe(kind === 'ignoring' ? 'failed' : 'passed');
    expect(target.keys()).toBe(0);
  });

  it('with reservations of their own are found', async () => {
    const target = await startQualified(kind, { ...two, faults: ['reservations-per-portal'] });
    const report = await target.run({ otherPaths: [{ portal: at(target, 1) }] });
    expect(caseOf(report, 'Behaviour.Portals.Consistent')).toMatchObject({ verdict: 'failed', required: true });
    expect(report.verdict).toBe('notQualified');
    expect(target.keys()).toBe(0);
  });

  it.each([0, 1])('of which number %i does not enforce are found', async (index) => {
    const target = await startQualified(kind, two);
    const unit = target.store.get(1);
    if (!unit) throw new Error('no LUN 1');
    const admits = unit.admits.bind(unit);
    const tag = target.portals[index]?.tag;
    unit.admits = (nexus, access) => nexus.portalGroupTag === tag || admits(nexus, access);
    const report = await target.run({ otherPaths: [{ portal: at(target, 1) }] });
    expect(caseOf(report, 'Behaviour.Portals.Consistent').verdict).toBe('failed');
    expect(report.verdict).toBe('notQualified');
  });
});

describe.each(surroundings)('what was not asked for (%s)', (kind) => {
  const required = allCases.filter((one) => one.required === true).map(({ id }) => id);

  it('does not qualify where a case that counts could have run', async () => {
    const target = await startQualified(kind, { portalGroups: [1, 2] });
    const [, second] = target.portals;
    const otherPaths = [{ portal: `${second?.host}:${second?.port}` }];
    const report = await target.run({ cases: required, otherPaths });
    expect(report.verdict).toBe(kind === 'ignoring' ? 'notQualified' : 'inconclusive');
    expect(report.notAsked).toEqual(
      expect.arrayContaining([
        'Identity.Vpd83.SameOverPortals',
        'Behaviour.Portals.Consistent',
        'Reservations.Persistence.SurvivesReset',
      ]),
    );
  });

  it('counts the proof by writing where the LUN is blank, and not where it holds data', async () => {
    const cases = [...required, 'Reservations.Persistence.SurvivesReset'];
    const blank = await startQualified(kind);
    const missing = (await blank.run({ cases })).notAsked;
    expect(missing).toEqual(kind === 'ignoring' ? [] : ['Reservations.Conflict.RealWrite']);
    const full = await startQualified(kind);
    await full.fill();
    const report = await full.run({ cases });
    expect(report.notAsked).toEqual([]);
    expect(report.verdict).toBe(kind === 'ignoring' ? 'notQualified' : 'qualified');
  });
});

describe.each(surroundings)('the report of the operation (%s)', (kind) => {
  it('carries a digest and is taken on import', async () => {
    const target = await startQualified(kind);
    const report = await run(target, { allowReservations: true });
    expect(parseQualification(JSON.stringify(report), 'x.json')).toEqual(report);
  });

  it('says the size in one unit and exactly', async () => {
    const target = await startQualified(kind);
    const report = await target.run({ purpose: 'witness', cases: ['Identity.Size.*'] });
    expect(report.cases[0]?.because).toBe(
      'the logical unit has 6291456 bytes (6 MiB); a witness needs at least 536870912 bytes (512 MiB)',
    );
  });

  it('has how long reservation commands took', async () => {
    const target = await startQualified(kind);
    const { figures, verdict } = caseOf(await target.run(), 'Behaviour.Latency.Reservations');
    expect(verdict).toBe('passed');
    expect(Number(figures['commands'])).toBeGreaterThan(75);
    expect(Number(figures['p99Ms'])).toBeGreaterThan(0);
  });
});

describe.each(surroundings)('Ctrl-C (%s)', (kind) => {
  const cancelAt = (
    isTime: (text: string) => boolean,
  ): { signal: AbortSignal; progress: (p: Progress) => void; doing: string[] } => {
    const controller = new AbortController();
    const doing: string[] = [];
    return {
      signal: controller.signal,
      doing,
      progress: (progress) => {
        doing.push(progress.doing);
        const event = progress.data as { kind: string; step?: { text: string } };
        if (event.kind === 'step' && isTime(event.step?.text ?? '')) controller.abort();
      },
    };
  };

  it('that removes everything says that it does so', async () => {
    const target = await startQualified(kind);
    const options = cancelAt((text) => text.startsWith('Putting PR reserve'));
    const failure = await failureOf(run(target, { allowReservations: true }, options));
    expect([failure.code, failure.effect, failure.cause]).toEqual(['CANCELLED', 'none', undefined]);
    expect(options.doing).toContain('Removing own keys');
    expect(target.keys()).toBe(0);
  });

  it('that leaves keys names them, with clear-mine as the next step', async () => {
    const target = await startQualified(kind);
    const options = cancelAt((text) => {
      const isTime = text.startsWith('Putting PR reserve');
      if (isTime) target.faults.add('lun-vanishes:0');
      return isTime;
    });
    const failure = await failureOf(run(target, { allowReservations: true }, options));
    expect([failure.code, failure.effect]).toEqual(['CANCELLED', 'partial']);
    expect(failure.cause).toMatchObject({ code: 'QUALIFY_KEYS_LEFT' });
    expect((failure.cause as Failure).message).toContain('0x51524154');
    expect((failure.cause as Failure).next).toContain('clear-mine');
    target.faults.clear();
  });
});

describe.each(surroundings)('a logical unit that stays busy (%s)', (kind) => {
  it('ends the run, and no reservation is blamed', async () => {
    const target = await startQualified(kind);
    const { access } = target.settings();
    const report = await target.run({
      // BUSY is borne as long as an answer.
      access: { ...access, commandTimeoutMs: 2_000 },
      cases: ['Identity.*', 'Reservations.Register.*'],
      onProgress: (event) => {
        if (event.kind === 'begin' && event.caseId === 'Reservations.Register.IgnoreExisting')
          target.faults.add('busy:1');
      },
    });
    target.faults.clear();
    expect(report.verdict).toBe('inconclusive');
    expect(report.cases.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
    expect(caseOf(report, 'Reservations.Register.Unregister').because).toMatch(
      /^LUN 1 of \S+ at \S+ is busy since the step/,
    );
  });

  it('from the start is told as that', async () => {
    const target = await startQualified(kind, { faults: ['busy:1'] });
    const outcome = await target.qualify();
    target.faults.clear();
    expect(outcome).toEqual({ kind: 'unreadable', reason: 'INQUIRY was answered with BUSY' });
  });
});
