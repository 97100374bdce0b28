import { hostDesireSchema } from '../host/desire.ts';
import { resumeToken } from '../host/plan-host.ts';
import { longestLossMs, lossWords } from '../../model/loss-times.ts';
import type { ClusterFile } from '../../model/cluster-file.ts';
import type { DueCheck, Phase, ServerInput } from './phase.ts';
import { hostDraft } from './restart.ts';
import { areAmong } from './proofs.ts';

const namesOf = (file: ClusterFile): string[] => file.servers.map(({ name }) => name);

/** A drill among some of the nodes stays true when others join: who adds a server to a cluster that works does not lose a host of it again. */
const isProven = ({ file, proofs }: ServerInput, drill: string, subject: string): boolean =>
  proofs.drilled.some((one) => one.drill === drill && one.subject === subject && areAmong(one.nodes, namesOf(file)));

/** The machines whose moving shows something. */
const movable = (file: ClusterFile): string[] =>
  file.virtualMachines.filter(({ highlyAvailable }) => highlyAvailable).map(({ name }) => name);

const source = 'Failover Cluster Manager, Roles: Move, Quick Migration.';

/** What the cluster is for is tried once for its nodes: the machine moves there and back, and it survives the loss of a host. */
export const drill: Phase = {
  name: 'drill',
  stage: 'drill',
  on: 'first',
  isBarrier: true,
  areas: [],
  plan: (input) => {
    const { file, observed } = input;
    const settings = observed.cluster?.state.cluster ?? {};
    const [machine] = movable(file);
    if (machine === undefined) return {};
    const other = file.servers[1]!.name;
    const checks: DueCheck[] = [];
    if (file.drill.quickMigration && !isProven(input, 'quickMigration', machine))
      checks.push({
        check: 'drill.quickMigration',
        subject: machine,
        title: `Move ${machine} to ${other} and back by quick migration`,
        why: 'Only an actual move shows that the machine can run on each node: switch, storage and processor.',
        manual: source,
        locks: ['cluster'],
        expectedMs: 60_000,
      });
    if (file.drill.loseHost && !isProven(input, 'loseHost', other))
      checks.push({
        check: 'drill.loseHost',
        subject: other,
        title: `Lose ${other} while it runs ${machine}, and measure how long it takes until ${machine} runs elsewhere`,
        why: `An orderly stop would prove less: the cluster is there for a loss of power. ${lossWords(settings)}`,
        manual: `Power ${other} off at its switch, without shutting Windows down, wait until ${machine} runs elsewhere, and power it on again.`,
        locks: ['cluster', 'restart'],
        destructive: false,
        restart: 'now',
        // The machine starts, and the server as well.
        expectedMs: longestLossMs(settings) + 300_000,
      });
    return { checks };
  },
};

/**
 * Every server restarts once and has to come back with all of its paths, by itself. One whose drill was cut is still paused: its drill goes on
 * before another server gives its roles away.
 */
export const restartDrill: Phase = {
  name: 'restartDrill',
  stage: 'drill',
  on: 'each',
  isBarrier: true,
  isInTurn: true,
  areas: [],
  plan: (input) => {
    const { file, server } = input;
    if (!file.drill.restartServers || isProven(input, 'restartServer', server.name)) return {};
    return {
      checks: [
        {
          check: 'drill.restartServer',
          subject: server.name,
          title: `Restart ${server.name} and check that the node and every path come back`,
          why: 'The persistent logons and the cluster service have to come back by themselves, also on a night when nobody is there.',
          manual: `Pause ${server.name} with its roles drained, restart it, look at its iSCSI sessions, resume it.`,
          locks: ['restart', 'cluster'],
          restart: 'now',
          expectedMs: 600_000,
        },
      ],
    };
  },
};

/** No restart is left: what goes on after one is taken away again, with the password that Windows may keep for it. */
export const afterRestarts: Phase = {
  name: 'afterRestarts',
  stage: 'drill',
  on: 'all',
  isBarrier: true,
  areas: ['host'],
  plan: (input) => {
    const isThere = input.observed.host?.resumes?.some(({ token }) => token === resumeToken) ?? false;
    return isThere ? { drafts: [hostDraft(input, hostDesireSchema.parse({ removeResumes: [resumeToken] }))] } : {};
  },
};
