import { describe, expect, it } from 'vitest';
import { isDone, type Change, type ChangeIn } from '../../../shared/changes/index.ts';
import { hostDesireSchema, type HostDesireInput } from '../../../shared/plan/host/desire.ts';
import { planHost, resumeToken } from '../../../shared/plan/host/plan-host.ts';
import type { HostObserved } from '../../../shared/plan/observed.ts';
import { noAnswers } from '../../../shared/plan/plan.ts';
import { makeHost } from '../../support/observed-server.ts';

const plan = (desire: HostDesireInput, observed: HostObserved = makeHost()) =>
  planHost(hostDesireSchema.parse(desire), observed, noAnswers);
const codes = (draft: ReturnType<typeof plan>) => draft.refusals.map((refusal) => refusal.code);
const actions = (draft: ReturnType<typeof plan>) =>
  draft.steps.flatMap((step) => (step.certainty === 'planned' ? [step.change.do] : []));
const account = { userName: 'LAB\\admin', passwordName: 'password' };
const inDomain = makeHost({ factsChange: { membership: { kind: 'domain', name: 'lab.test' } } });

const isHostDone = (change: Change, host: HostObserved) => isDone(change, { host });

describe('what a wanted server is refused for', () => {
  it.each(['', 'a-name-of-16-char', '12345', '-node', 'node_1'])('the computer name "%s"', (computerName) =>
    expect(codes(plan({ computerName }))).toEqual(['HOST_NAME_INVALID']),
  );
  it.each(['lab', '10.0.0.1', 'lab..test'])('the domain "%s"', (name) =>
    expect(codes(plan({ membership: { kind: 'domain', name }, account }))).toEqual(['HOST_DOMAIN_INVALID']),
  );
  it('a join, or a rename in a domain, without an account', () => {
    expect(codes(plan({ membership: { kind: 'domain', name: 'lab.test' } }))).toEqual(['HOST_ACCOUNT_NEEDED']);
    expect(codes(plan({ computerName: 'NODE2' }, inDomain))).toEqual(['HOST_ACCOUNT_NEEDED']);
  });
  it('the time of a domain in a workgroup', () => {
    expect(codes(plan({ time: { kind: 'domain' } }))).toEqual(['HOST_NOT_IN_DOMAIN']);
  });
});

describe('steps', () => {
  it('nothing when the name waits for a restart already', () => {
    expect(actions(plan({ computerName: 'node2' }, makeHost({ factsChange: { nextComputerName: 'NODE2' } })))).toEqual(
      [],
    );
  });

  it('unknown when the next name could not be read', () => {
    const observed = makeHost({
      factsChange: { nextComputerName: null, unread: [{ property: 'nextComputerName', because: 'ACCESS_DENIED' }] },
    });
    expect(plan({ computerName: 'NODE2' }, observed).unknowns).toMatchObject([{ because: 'ACCESS_DENIED' }]);
  });

  it('a rename comes before a join, with a restart between', () => {
    const draft = plan({ computerName: 'NODE2', membership: { kind: 'domain', name: 'lab.test' }, account });
    expect(actions(draft)).toEqual(['host.rename']);
    expect(draft.followUp?.text).toContain('the domain lab.test');
    expect(draft.warnings.map((warning) => warning.text).join()).toContain('has to be restarted');
  });

  it('a restart asks, registers what goes on, and takes that away again', () => {
    const draft = plan({ restart: { resume: { trigger: 'logon', account: 'NODE1\\Administrator' } } });
    expect(actions(draft)).toEqual(['host.registerResume', 'host.restart', 'host.removeResume']);
    expect(draft.questions).toMatchObject([{ kind: 'restart', answered: false }]);
    expect(draft.steps[0]!.change).toMatchObject({ token: resumeToken, passwordName: null });
  });

  it('a task that is left over goes because nothing needs it, not because somebody asked', () => {
    const left = { token: 'work-1' } as NonNullable<ReturnType<typeof makeHost>['resumes']>[number];
    const [step] = plan({ removeResumes: ['work-1'] }, makeHost({ resumes: [left] })).steps;
    expect(step).toMatchObject({ change: { do: 'host.removeResume' }, why: 'It is not needed any more.' });
  });

  it('a restart says which of its reasons it has', () => {
    const whyOf = (restart: object, observed = makeHost()): string =>
      plan({ restart }, observed).steps.find(({ change }) => change.do === 'host.restart')!.why;
    const waiting = makeHost({
      pendingRestart: { signs: [{ sign: 'featureInstall', state: 'pending', because: null }] },
    });
    expect(whyOf({})).toBe('You asked for it.');
    expect(whyOf({ always: false }, waiting)).toBe('Windows waits for a restart: Role or feature.');
    expect(whyOf({ reason: 'Quorate: Hyper-V' })).toBe('Hyper-V: takes effect only after a restart.');
    expect(whyOf({ reason: 'Quorate: Hyper-V' }, waiting)).toBe('Windows waits for a restart: Role or feature.');
  });

  it('no restart when none is due and it is wanted only then; unknown when nobody knows', () => {
    expect(actions(plan({ restart: { always: false } }))).toEqual([]);
    const unclear = makeHost({
      pendingRestart: { signs: [{ sign: 'windowsUpdate', state: 'unknown', because: 'ACCESS_DENIED' }] },
    });
    expect(plan({ restart: { always: false } }, unclear).unknowns).toHaveLength(1);
    expect(actions(plan({ restart: { always: false }, computerName: 'NODE2' }))).toEqual([
      'host.rename',
      'host.restart',
    ]);
  });

  it('time servers in any order are the same; a stopped service is not', () => {
    const servers = { kind: 'servers' as const, servers: ['TIME.windows.com'] };
    expect(actions(plan({ time: servers }))).toEqual([]);
    const stopped = makeHost({
      time: {
        serviceState: 'stopped',
        startMode: 'manual',
        type: 'NTP',
        servers: ['time.windows.com'],
        isDomainTriggered: false,
        unread: [],
      },
    });
    expect(actions(plan({ time: servers }, stopped))).toEqual(['host.setTime']);
  });

  it('the trigger of the time service is replaced in a workgroup, and only there; unread, nobody knows', () => {
    const servers = { kind: 'servers' as const, servers: ['time.windows.com'] };
    const time = (isDomainTriggered: boolean | null) => ({ ...makeHost().time!, isDomainTriggered });
    const draft = plan({ time: servers }, makeHost({ time: time(true) }));
    expect(actions(draft)).toEqual(['host.setTime']);
    expect(draft.steps[0]!.why).toContain('after each restart');
    expect(actions(plan({ time: servers }, makeHost({ ...inDomain, time: time(true) })))).toEqual([]);
    expect(plan({ time: servers }, makeHost({ time: time(null) })).unknowns).toHaveLength(1);
    const action = draft.steps[0]!.change as Extract<ChangeIn<'host'>, { do: 'host.setTime' }>;
    expect(isHostDone(action, makeHost({ time: time(true) })).is).toBe('no');
    expect(isHostDone(action, makeHost({ time: time(null) })).is).toBe('unknown');
    expect(isHostDone(action, makeHost()).is).toBe('yes');
  });

  it('from one domain to another says that the computer account of the old one stays', () => {
    const draft = plan({ membership: { kind: 'domain', name: 'branch.test' }, account }, inDomain);
    expect(draft.steps.map((step) => step.title)).toEqual(['Move NODE1 from the domain lab.test to branch.test']);
    expect(draft.warnings.map((warning) => warning.text).join()).toContain('stays enabled in lab.test');
    expect(draft.steps[0]!.undoChanges).toMatchObject([{ do: 'host.joinDomain', domain: 'lab.test' }]);
  });

  it('what is done is seen: a later start proves a restart, the same start does not', () => {
    const restart = { do: 'host.restart', reason: 'x', bootedBefore: '2026-01-05T08:00:00.000Z' } as const;
    expect(isHostDone(restart, makeHost()).is).toBe('no');
    expect(isHostDone(restart, makeHost({ factsChange: { lastBootAt: '2026-01-05T08:05:00.000Z' } })).is).toBe('yes');
    expect(isHostDone({ do: 'host.removeResume', token: 'x' }, makeHost({ resumes: null })).is).toBe('unknown');
  });

  it.each([
    ['as it was registered', {}, 'yes', 'starts C:\\Q\\quorate.exe with highest rights'],
    ['for another account', { account: 'NODE1\\Other' }, 'no', 'NODE1\\Other'],
    ['at another time', { trigger: 'startup' }, 'no', 'startup'],
    ['switched off', { isEnabled: false }, 'no', 'switched off'],
    ['without the rights that it needs', { isElevated: false }, 'no', 'highest rights'],
    ['with another program', { program: 'C:\\calc.exe', argument: '' }, 'no', 'C:\\calc.exe'],
    ['under another token', { token: 'other' }, 'no', 'no such task'],
  ] as const)(
    'a task that goes on after the restart counts only as it was read back: %s',
    (_how, changed, is, said) => {
      const task = {
        ...{ token: 'work-1', trigger: 'logon' as const, account: 'NODE1\\Administrator' },
        ...{ program: 'C:\\Q\\quorate.exe', argument: 'journal resume --yes', isElevated: true, isEnabled: true },
      };
      const { token, trigger, account } = task;
      const wanted = { do: 'host.registerResume' as const, token, trigger, account, passwordName: null };
      const found = isHostDone(wanted, makeHost({ resumes: [{ ...task, ...changed }] }));
      expect(found.is).toBe(is);
      expect(JSON.stringify(found)).toContain(JSON.stringify(said).slice(1, -1));
    },
  );
});
