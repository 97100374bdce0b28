import { setMaxListeners } from 'node:events';
import type { ParsedInputOf, Progress } from '../../../shared/contract/define.ts';
import {
  formationAgreed,
  formationJoin,
  formationLeave,
  formationTake,
  type formationLook,
  type WarningAcceptance,
} from '../../../shared/contract/formation.ts';
import { failure } from '../../../shared/errors/failure.ts';
import type { Caller, Epoch } from '../../../shared/model/caller.ts';
import type { ClusterFile } from '../../../shared/model/cluster-file.ts';
import { machinesOf } from '../../../shared/model/cluster-file-storage-host.ts';
import { serverPlanSchema, type FormationStep, type ServerPlan } from '../../../shared/model/formation.ts';
import type { TakenStep } from '../../coordination/executor.ts';
import { isTold, type FormationServer } from './ask-servers.ts';
import { secretsFor } from './travelling-secrets.ts';
import { knownAnswer, type PeerPort } from '../../ports/peer-port.ts';

export type LookInput = ParsedInputOf<typeof formationLook>;
export type JoinInput = ParsedInputOf<typeof formationJoin>;
export type TakeInput = ParsedInputOf<typeof formationTake>;
export type OwnCaller = Extract<Caller, { kind: 'ui' | 'cli' }>;

/** The peers of a core, as far as a formation needs them. */
export type FormationPeers = PeerPort & {
  /** `version` is what the peer's Quorate told when the two connected last; null before that. */
  readonly names: () => Promise<
    readonly { readonly id: string; readonly name: string; readonly version: string | null }[]
  >;
};

/** A formation as this core orders it. */
export interface Order {
  readonly formation: string;
  /** Null where there is no other server that could be ordered anything. */
  readonly epoch: Epoch | null;
  readonly caller: OwnCaller;
  readonly poweredDown: string[];
  readonly acceptWarnings: WarningAcceptance[];
}

/** What this core does as a member of its own formation. */
export interface OwnPart {
  /** Throws PEER_VERSION_UNLIKE: two versions may come to different steps from one file. */
  assertAlike(id: string): Promise<void>;
  look(input: LookInput, signal: AbortSignal): Promise<ServerPlan>;
  join(input: JoinInput, caller: Caller, signal: AbortSignal): Promise<{ readonly plan: ServerPlan }>;
  take(input: TakeInput, caller: Caller, signal: AbortSignal, tell: (progress: Progress) => void): Promise<TakenStep>;
  leave(
    formation: string,
    state: 'done' | 'failed' | 'cancelled',
    caller: Caller,
  ): Promise<{ readonly aftermath: string | null }>;
}

interface Candidate extends Omit<FormationServer, 'name'> {
  readonly who: string;
}

const look = { name: 'formation.look', output: serverPlanSchema };

/** Whoever is only asked what it plans takes nothing. */
const onlyLooking = {
  take: ({ id }: FormationStep): Promise<never> =>
    Promise.reject(failure('INTERNAL_BUG', { message: `${id} was ordered of a server that was only looked at` })),
  leave: () => Promise.resolve(null),
};

/** What it planned when it was asked who it is, it need not plan again at once. */
const fromFirstLook = (candidate: Candidate, first: ServerPlan): FormationServer => {
  let kept: ServerPlan | null = first;
  return {
    name: first.server,
    take: candidate.take,
    leave: candidate.leave,
    ...(candidate.consent ? { consent: candidate.consent } : {}),
    ...(candidate.lookWithScripts ? { lookWithScripts: candidate.lookWithScripts } : {}),
    look: (signal, made) => {
      const plan = Object.keys(made).length > 0 ? null : kept;
      kept = null;
      return plan ? Promise.resolve(plan) : candidate.look(signal, made);
    },
  };
};

const missing = (name: string, silent: readonly string[]): FormationServer => {
  const refuse = (): Promise<never> =>
    Promise.reject(
      silent.length > 0
        ? failure('FORM_SERVER_SILENT', { server: name, silent: silent.join('; ') })
        : failure('FORM_SERVER_NOT_PAIRED', { server: name }),
    );
  return { name, look: refuse, take: refuse, leave: () => Promise.resolve(null) };
};

const ownCandidate = (own: OwnPart, asked: LookInput, order: Order | null): Candidate => {
  const who = 'this server';
  if (order === null) return { ...onlyLooking, who, look: (within, made) => own.look({ ...asked, made }, within) };
  const { formation, poweredDown, caller, acceptWarnings } = order;
  return {
    who,
    lookWithScripts: (within, made) => own.look({ ...asked, made, withScripts: true }, within),
    look: async (within, made) => (await own.join({ ...asked, made, formation, poweredDown }, caller, within)).plan,
    take: (step, within, tell) => {
      const secrets = secretsFor(step, asked.secrets);
      return own.take({ formation, step: step.id, secrets, acceptWarnings }, caller, within, tell);
    },
    leave: async (state) => (await own.leave(formation, state, caller)).aftermath,
  };
};

const peerCandidate = (
  own: OwnPart,
  peers: FormationPeers,
  { id, name: who }: { readonly id: string; readonly name: string },
  whole: LookInput,
  order: Order | null,
): Candidate => {
  // A secret travels with the step that needs it, and with nothing else.
  const asked = { ...whole, secrets: {} };
  if (order === null)
    return {
      ...onlyLooking,
      who,
      look: async (signal, made) => {
        const answer = await peers.call(id, 'formation.look', { ...asked, made }, { signal });
        await own.assertAlike(id);
        return knownAnswer(peers, id, look, answer);
      },
    };
  const { formation, epoch, poweredDown, acceptWarnings } = order;
  const call = (
    method: string,
    input: unknown,
    options: { readonly signal?: AbortSignal; readonly progress?: (progress: Progress) => void } = {},
  ): Promise<unknown> => peers.call(id, method, input, { ...options, ...(epoch ? { epoch } : {}) });
  return {
    who,
    look: async (signal, made) => {
      // A question that does nothing: once the two are connected, its version is the one that answers now.
      await peers.call(id, formationAgreed.name, { formation }, { signal });
      await own.assertAlike(id);
      const joined = await call('formation.join', { ...asked, made, formation, poweredDown }, { signal });
      return (await knownAnswer(peers, id, formationJoin, joined)).plan;
    },
    lookWithScripts: async (signal, made) =>
      knownAnswer(peers, id, look, await peers.call(id, look.name, { ...asked, made, withScripts: true }, { signal })),
    consent: async (signal) =>
      (
        await knownAnswer(
          peers,
          id,
          formationAgreed,
          await peers.call(id, formationAgreed.name, { formation }, { signal }),
        )
      ).consent,
    take: async (step, signal, tell) =>
      knownAnswer(
        peers,
        id,
        formationTake,
        await call(
          'formation.take',
          { formation, step: step.id, secrets: secretsFor(step, whole.secrets), acceptWarnings },
          { signal, progress: tell },
        ),
      ),
    leave: async (state) =>
      (await knownAnswer(peers, id, formationLeave, await call(formationLeave.name, { formation, state }))).aftermath,
  };
};

/**
 * Every server of the file: this one directly, the others through their own cores. Which is which, each says itself by the MAC
 * addresses that it has: names change on the way.
 */
export const findServers = async (
  file: ClusterFile,
  own: OwnPart,
  peers: FormationPeers,
  asked: LookInput,
  order: Order | null,
  signal: AbortSignal,
): Promise<FormationServer[]> => {
  const candidates = [
    ownCandidate(own, asked, order),
    ...(await peers.names()).map((peer) => peerCandidate(own, peers, peer, asked, order)),
  ];
  setMaxListeners(0, signal);
  const found = new Map<string, FormationServer>();
  const silent: string[] = [];
  await Promise.all(
    candidates.map(async (candidate) => {
      try {
        const first = await candidate.look(signal, {});
        found.set(first.server, fromFirstLook(candidate, first));
      } catch (error) {
        // Another coordinator took over: nothing of this formation is done any more, on this server neither.
        if (!isTold(error, signal) || error.code === 'COORDINATOR_OUTDATED') throw error;
        // A server that is not in the file, or a machine that only coordinates, has no part in this formation.
        if (error.code === 'FORM_NOT_IN_FILE' || error.code === 'HOST_NOT_HERE') return;
        silent.push(`${candidate.who}: ${error.message}`);
      }
    }),
  );
  return machinesOf(file).map(({ name }) => found.get(name) ?? missing(name, silent));
};
