import { createHash } from 'node:crypto';
import { addressFamilyOf } from '../../../shared/model/address.ts';
import type { Desire } from '../../../shared/plan/desire.ts';
import { planStorage } from '../../../shared/plan/disk/plan-disk.ts';
import type { Draft, PlannedStep } from '../../../shared/plan/draft.ts';
import { planHost } from '../../../shared/plan/host/plan-host.ts';
import { planInitiator } from '../../../shared/plan/initiator/plan-initiator.ts';
import { planListed } from '../../../shared/plan/listed/plan-listed.ts';
import type { NetworkDesire } from '../../../shared/plan/nic/desire.ts';
import { splitAddress } from '../../../shared/plan/nic/final-state.ts';
import { planNetwork } from '../../../shared/plan/nic/plan-nic.ts';
import type { NetworkObserved, Observed } from '../../../shared/plan/observed.ts';
import type { PlanAnswers, PlanView } from '../../../shared/plan/plan.ts';
import { isOpen } from '../../journal/entry.ts';
import { observeArea, observeHost, observeInitiator, observeNetwork, observeStorage, readPart } from './observe.ts';
import type { SecretTexts } from '../../coordination/server.ts';
import type { Server } from './server.ts';

/** The steps of a plan that may run as they stand. */
export const plannedNow = (steps: readonly PlannedStep[]): PlannedStep[] =>
  steps.filter(({ certainty }) => certainty === 'planned');

/** A plan with what its steps do. */
export interface Plan {
  readonly view: PlanView;
  readonly steps: readonly PlannedStep[];
}

/** Asks, from each NIC's own network, whether somebody has the addresses that are about to be given. */
export const probeAddresses = async (
  server: Server,
  desire: NetworkDesire,
  observed: NetworkObserved,
  signal?: AbortSignal,
): Promise<NetworkObserved> => {
  const probes = new Map<string, 'free' | 'answered' | 'unknown'>();
  await Promise.all(
    desire.nics.flatMap((entry) => {
      const nic = observed.nics.find((candidate) => candidate.interfaceGuid === entry.nic);
      if (!nic || nic.adminStatus !== 'up') return [];
      return [...(entry.addresses?.ipv4 ?? []), ...(entry.addresses?.ipv6 ?? [])].map(async (text) => {
        const split = splitAddress(text);
        const isOwn = observed.nics.some((other) =>
          (other.addresses ?? []).some((address) => address.address === split?.address),
        );
        if (!split || isOwn || addressFamilyOf(split.address) === null) return;
        const read = await readPart(() =>
          server.ports.nics.probeAddress(nic.interfaceGuid, split.address, signal ? { signal } : {}),
        );
        probes.set(`${nic.interfaceGuid} ${split.address}`, read.value ?? 'unknown');
      });
    }),
  );
  return { ...observed, probes };
};

/** Reads what the wanted state is about, and plans. */
const draftOf = async (
  server: Server,
  wanted: Desire,
  answers: PlanAnswers,
  secrets: SecretTexts,
  { signal, ownPartitions }: MakePlanOptions,
): Promise<{ readonly draft: Draft; readonly observed: Observed }> => {
  switch (wanted.area) {
    case 'host': {
      const host = await observeHost(server, signal);
      return { draft: planHost(wanted.desire, host, answers), observed: { host } };
    }
    case 'network': {
      const read = await observeNetwork(server, signal);
      const [probed, initiator] = await Promise.all([
        probeAddresses(server, wanted.desire, read, signal),
        readPart(() => server.ports.initiator.readState(signal ? { signal } : {})),
      ]);
      // A service that does not run has no session.
      const isStopped = initiator.value !== null && initiator.value.service.state !== 'running';
      const network = { ...probed, iscsiSessions: isStopped ? [] : (initiator.value?.sessions ?? null) };
      return { draft: planNetwork(wanted.desire, network, answers), observed: { network } };
    }
    case 'initiator': {
      const initiator = await observeInitiator(server, signal);
      return { draft: planInitiator(wanted.desire, initiator, secrets), observed: { initiator } };
    }
    case 'storage': {
      const storage = await observeStorage(server, signal);
      return { draft: planStorage(wanted.desire, storage, answers, ownPartitions), observed: { storage } };
    }
    case 'roles':
    case 'cluster':
    case 'vms':
    case 'storageHost': {
      const observed = await observeArea(server, wanted.area, signal);
      return { draft: planListed(wanted.area, wanted.desire, observed, answers), observed };
    }
  }
};

/** A change that waits for a decision may be the cause of what is found now: say so beside the plan. */
const openWarnings = (server: Server, except: string | null): PlanView['warnings'] =>
  server.journal
    .listOpen()
    .filter((entry) => entry.begin.server === server.name && entry.begin.id !== except && isOpen(entry))
    .map(({ begin, state }) => ({
      text:
        state === 'interrupted'
          ? `An earlier change was interrupted: ${begin.title} (${begin.id}). Finish it or take it back: "quorate journal".`
          : `An earlier change waits: ${begin.title} (${begin.id}). See "quorate journal".`,
      source: null,
    }));

const outcomeOf = (draft: Draft): PlanView['outcome'] => {
  if (draft.refusals.length > 0) return 'refused';
  if (draft.unknowns.length > 0) return 'unknown';
  if (draft.steps.some(({ certainty }) => certainty === 'planned')) return 'changes';
  return draft.followUp ? 'waits' : 'nothingToChange';
};

export interface MakePlanOptions {
  readonly signal?: AbortSignal;
  /** False: nobody will read the scripts. */
  readonly withScripts?: boolean;
  /** The journal entry that is gone on with. */
  readonly entry?: string;
  /** Disks whose partition that entry made. */
  readonly ownPartitions?: readonly string[];
}

/** Plans: reads the server and says what would be changed. It changes nothing. */
export const makePlan = async (
  server: Server,
  wanted: Desire,
  answers: PlanAnswers,
  secrets: SecretTexts,
  options: MakePlanOptions = {},
): Promise<Plan> => {
  const { draft, observed } = await draftOf(server, wanted, answers, secrets, options);
  return planOf(server, draft, observed, options);
};

/** The plan of a draft: with a number, the scripts, and what waits besides. */
export const planOf = async (
  server: Server,
  draft: Draft,
  observed: Observed,
  options: MakePlanOptions = {},
): Promise<Plan> => {
  const isStopped = draft.refusals.length > 0 || draft.unknowns.length > 0;
  const planned = isStopped ? [] : draft.steps;
  const scripts =
    options.withScripts === false
      ? null
      : await server.renderScripts(
          planned.map((step) => step.change),
          observed,
        );
  const steps = planned.map((step, index) => ({ ...step, script: scripts?.[index] ?? null }));
  const digest = createHash('sha256')
    .update(JSON.stringify([draft.node, plannedNow(planned).map((step) => step.change), draft.followUp?.waitsFor]))
    .digest('hex')
    .slice(0, 16);
  return {
    steps,
    view: {
      id: digest,
      server: server.name,
      node: draft.node,
      title: draft.title,
      outcome: outcomeOf(draft),
      steps,
      refusals: [...draft.refusals],
      unknowns: [...draft.unknowns],
      warnings: [...draft.warnings, ...openWarnings(server, options.entry ?? null)],
      questions: isStopped ? [] : [...draft.questions],
      followUp: isStopped ? null : draft.followUp,
      plannedAt: server.now().toISOString(),
    },
  };
};
