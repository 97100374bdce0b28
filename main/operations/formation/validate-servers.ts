import type { Progress } from '../../../shared/contract/define.ts';
import type { WarningAcceptance } from '../../../shared/contract/formation.ts';
import { failure } from '../../../shared/errors/failure.ts';
import type { ClusterFile } from '../../../shared/model/cluster-file.ts';
import { withoutStorage } from '../../../shared/plan/formation/validation-phase.ts';
import { findDisk } from '../../../shared/plan/formation/wants.ts';
import { observeStorage } from '../areas/storage.ts';
import type { Server } from '../plans/server.ts';
import type { ValidationTools } from '../validation/plan-validation.ts';
import { acceptWarnings, validate } from '../validation/validate.ts';
import type { Check } from './checks.ts';
import type { ProofStore } from './proof-store.ts';

export interface ValidateTools {
  readonly use: <T>(work: (server: Server) => Promise<T>) => Promise<T>;
  readonly kept: () => Promise<ValidationTools>;
  readonly proofs: ProofStore;
  readonly now: () => Date;
  /** What a person accepted beforehand, by the names of the tests. */
  readonly acceptances: readonly WarningAcceptance[];
  /** Who ordered the validation. */
  readonly by: string;
  /** Told which test runs. */
  readonly tell: (progress: Progress) => void;
}

/** What the file itself says of a warning, so that no person has to say it again; null: a person judges it. */
const saidByFile = (test: string, { membership, switches }: ClusterFile, isGrowing: boolean): string | null => {
  if (test === 'Validate Active Directory Configuration' && membership.kind === 'workgroup')
    return 'The cluster file says that the servers stay in a workgroup.';
  // A server that joins has no switch yet: the formation makes those of the file on it once it is a node.
  const isAboutSwitches = test === 'Validate Hyper-V Network Resource Pool And Virtual Switch Compatibility';
  return isAboutSwitches && isGrowing && switches.length > 0
    ? `The cluster file makes the switches ${switches.map(({ name }) => name).join(', ')} on the server that joins, after this.`
    : null;
};

const isSameTest = (one: string, other: string): boolean => one.trim().toLowerCase() === other.trim().toLowerCase();

/** Unique ids of the file's disks: they hold nothing yet, and may be taken away for a moment. */
const ownDisks = async (server: Server, file: ClusterFile, signal: AbortSignal): Promise<string[]> => {
  const { disks } = await observeStorage(server, signal);
  return file.storage.luns
    .flatMap(({ serial }) => findDisk(disks, serial))
    .flatMap(({ uniqueId }) => (uniqueId === null ? [] : [uniqueId]));
};

/**
 * Runs Windows' validation of all servers of the file from this one, and keeps its report. A failed test stops, and so does a warning
 * that was neither expected nor accepted by its name.
 */
export const validateServers =
  ({ use, kept, proofs, now, acceptances, by, tell }: ValidateTools): Check =>
  (subject, file, signal) =>
    use(async (server) => {
      const tools = await kept();
      const isWhole = subject !== withoutStorage;
      const nodes = file.servers.map(({ name }) => name);
      const ask = {
        nodes,
        selection: { kind: isWhole ? 'whole' : 'withoutStorage' },
        interrupt: isWhole ? await ownDisks(server, file, signal) : [],
      } as const;
      let judged = await validate(server, ask, tools, { signal, progress: tell });
      for (const { name, standing } of judged.tests) {
        if (standing !== 'new') continue;
        const said = saidByFile(name, file, !isWhole);
        const because = said ?? acceptances.find(({ test }) => isSameTest(test, name))?.because;
        if (because === undefined) continue;
        const asked = { id: judged.kept.id, tests: [name], because };
        judged = await acceptWarnings(server, asked, tools, said === null ? by : 'formation');
      }
      const named = (standing: 'blocks' | 'new'): string =>
        judged.tests.flatMap((test) => (test.standing === standing ? [test.name] : [])).join(', ');
      const report = judged.kept.file;
      if (judged.verdict === 'failed')
        throw failure('FORM_VALIDATION_FAILED', { tests: named('blocks') || 'the report says nothing', report });
      if (judged.verdict === 'open')
        throw failure('FORM_VALIDATION_OPEN', { tests: named('new'), server: file.servers[0]!.name });
      const accepted = judged.accepted.map(({ test }) => test);
      proofs.add((before) => ({
        ...before,
        validated: [...before.validated, { nodes, at: now().toISOString(), report, accepted }],
      }));
      const warned = accepted.length > 0 ? `, accepted: ${accepted.join(', ')}` : '';
      return `${judged.tests.length} tests passed or are expected${warned}; report: ${report}`;
    });
