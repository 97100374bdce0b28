import { describe, expect, it } from 'vitest';
import { Executor, type ExecutorOptions, type StepRecord } from '../../../main/coordination/executor.ts';
import type { ExecutedServer } from '../../../main/coordination/server.ts';
import { changeSchema } from '../../../shared/changes/index.ts';
import type { Disk } from '../../../shared/model/disk.ts';
import type { PlannedStep } from '../../../shared/plan/draft.ts';
import { makeDisk, makeStorage } from '../../support/observed-server.ts';

const blank = makeDisk(1, {
  partitionStyle: 'raw',
  partitions: [],
  busType: 'iscsi',
  isOffline: false,
  isReadOnly: false,
});
const step: PlannedStep = {
  ...{ id: 'NODE1/disk.initialize', node: 'NODE1', title: 'Initialize it', why: '', requires: [], locks: [] },
  ...{ certainty: 'planned', questions: [], destructive: true, cutsConnection: false, restart: 'none', undo: null },
  ...{ manual: '', script: null, undoChanges: null },
  change: changeSchema.parse({ do: 'disk.initialize', disk: blank.uniqueId, style: 'gpt' }),
};

/** A server whose disk is what `found` says; its promises take `waited`. */
const executorOf = (found: () => Disk, waited: () => boolean) => {
  const applied: string[] = [];
  const written: string[] = [];
  const server = {
    ports: { apply: (change: { do: string }) => Promise.resolve(void applied.push(change.do)) },
    settings: {},
    patience: { pollMs: 1, verifyMs: 5, restartMs: 5 },
    now: () => new Date(),
    singleWriter: { beforeChange: () => Promise.resolve(waited()) },
    resumeCommand: {},
  } as unknown as ExecutedServer;
  const record = {
    id: 'entry',
    ...{ intent: () => void written.push('intent'), done: (_id: string, state: string) => void written.push(state) },
    ...{ failed: () => void written.push('failed'), armed: () => undefined },
  } satisfies StepRecord;
  const options = {
    observe: () => Promise.resolve({ storage: makeStorage({ disks: [found()] }) }),
    ...{ secrets: {}, signal: new AbortController().signal, revertAfterSeconds: 300, steps: [step], promisesMs: 1_000 },
  } satisfies ExecutorOptions;
  return { executor: new Executor(server, record, options), applied, written };
};

describe('a step that writes to a shared disk', () => {
  it('looks at the disk once more where another server was waited for: it may have changed meanwhile', async () => {
    let isAnother = false;
    const somebodys = { ...blank, partitionStyle: 'gpt' as const };
    const waits = () => (isAnother = true);
    const foreign = executorOf(() => (isAnother ? { ...somebodys, partitionStyle: 'mbr' } : blank), waits);
    await expect(foreign.executor.take(step)).rejects.toMatchObject({ code: 'DISK_CHANGED' });
    expect(foreign.applied).toEqual([]);
    expect(foreign.written).toEqual(['failed']);
    isAnother = false;
    const done = executorOf(() => (isAnother ? somebodys : blank), waits);
    expect(await done.executor.take(step)).toMatchObject({ state: 'alreadyDone' });
    expect(done.applied).toEqual([]);
  });

  it('is taken where nobody was waited for, on what was read', async () => {
    let reads = 0;
    const own = executorOf(
      () => ((reads += 1) > 1 ? { ...blank, partitionStyle: 'gpt' } : blank),
      () => false,
    );
    expect(await own.executor.take(step)).toMatchObject({ state: 'done' });
    expect(own.applied).toEqual(['disk.initialize']);
    expect(own.written).toEqual(['intent', 'done']);
  });
});
