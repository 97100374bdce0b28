import { join } from 'node:path';
import * as z from 'zod';
import { elementsOf, findElement } from '../../../shared/availability/elements.ts';
import { keyOf } from '../../../shared/availability/parse-state.ts';
import type { AvailabilityState } from '../../../shared/availability/state.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { reasonOfParsing } from '../../../shared/model/issue-words.ts';
import type { ReadState } from './observed-state.ts';
import { keepJson, readFileIfThere } from '../../system/durable-file.ts';

/** Which switch the cable of a NIC or a portal ends in, by the id of the element in lower case. */
const answersSchema = z.record(z.string(), z.record(z.string(), z.string()));
type Answers = z.infer<typeof answersSchema>;

export interface SwitchAnswer {
  /** `nic:NODE/NIC` or `portal:TARGET/ADDRESS`. */
  readonly element: string;
  /** Null: forget it. */
  readonly switch: string | null;
}

/** Simulated clusters and real ones of one name are two. */
export const clusterKey = ({ state, source }: Pick<ReadState, 'state' | 'source'>): string =>
  `${source.kind === 'rehearsal' ? 'rehearsal ' : ''}${keyOf(state.name ?? '')}`;

/** What a person answered where no server can tell, by cluster; kept in the data folder. */
export class AvailabilityAnswers {
  readonly #path: string;

  constructor(dataFolder: string) {
    this.#path = join(dataFolder, 'availability', 'answers.json');
  }

  /** Throws SETTINGS_DAMAGED: an answer that cannot be read never counts as none. */
  #read(): Answers {
    const text = readFileIfThere(this.#path);
    if (text === null) return {};
    try {
      return answersSchema.parse(JSON.parse(text));
    } catch (error) {
      const reason = reasonOfParsing(error);
      throw failure('SETTINGS_DAMAGED', { path: this.#path, reason }, { cause: error });
    }
  }

  /** By the element's id in lower case; `cluster` is a {@link clusterKey}. */
  of(cluster: string): Readonly<Record<string, string>> {
    return this.#read()[cluster] ?? {};
  }

  /**
   * Keeps answers about elements of this state.
   * @throws Failure AVAILABILITY_LOSS_UNKNOWN, AVAILABILITY_ANSWER_REFUSED
   */
  keep(read: Pick<ReadState, 'state' | 'source'>, answers: readonly SwitchAnswer[]): number {
    const elements = elementsOf(read.state);
    const key = clusterKey(read);
    const all = this.#read();
    const own = { ...all[key] };
    for (const answer of answers) {
      const { id, kind } = findElement(elements, answer.element);
      if (kind !== 'nic' && kind !== 'portal') throw failure('AVAILABILITY_ANSWER_REFUSED', { element: id });
      if (answer.switch === null) delete own[keyOf(id)];
      else own[keyOf(id)] = answer.switch.trim();
    }
    keepJson(this.#path, { ...all, [key]: own });
    return Object.keys(own).length;
  }
}

/** The state with the switches that a person named where the servers showed none. */
export const withAnswers = (
  state: AvailabilityState,
  answers: Readonly<Record<string, string>>,
): { readonly state: AvailabilityState; readonly used: number } => {
  let used = 0;
  const switchOf = (known: string | null | undefined, id: string): { switch?: string | null } => {
    const said = known == null ? answers[keyOf(id)] : undefined;
    if (said === undefined) return known === undefined ? {} : { switch: known };
    used += 1;
    return { switch: said };
  };
  return {
    state: {
      ...state,
      nodes: state.nodes.map((node) => ({
        ...node,
        ...(node.nics
          ? { nics: node.nics.map((nic) => ({ ...nic, ...switchOf(nic.switch, `nic:${node.name}/${nic.name}`) })) }
          : {}),
      })),
      targets: state.targets.map((target) => ({
        ...target,
        ...(target.portals
          ? {
              portals: target.portals.map((portal) => ({
                ...portal,
                ...switchOf(portal.switch, `portal:${target.name}/${portal.address}`),
              })),
            }
          : {}),
      })),
    },
    used,
  };
};
