import { parseState } from '../../shared/availability/parse-state.ts';
import type { AvailabilityState, StateDocument } from '../../shared/availability/state.ts';

/** A state from a document, as the product reads it. */
export const stateOf = (document: StateDocument): AvailabilityState => parseState(document, 'state.json').state;

export const namesOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `N${index + 1}`);

/** Equal nodes, with a witness that hangs on nothing or none. */
export const plainNodes = (count: number, hasWitness: boolean, more: Partial<StateDocument> = {}): AvailabilityState =>
  stateOf({
    nodes: namesOf(count).map((name) => ({ name, memoryMB: 65_536, reserveMB: 4096 })),
    witness: hasWitness ? { kind: 'share' } : null,
    targets: [],
    vms: [],
    ...more,
  });

/** The printed example: two servers with four virtual machines each. */
export const fourAndFour = (memoryMB = 65_536): StateDocument => ({
  nodes: ['HV01', 'HV02'].map((name) => ({ name, memoryMB, reserveMB: 4096 })),
  witness: { kind: 'disk', target: 'SAN1' },
  targets: ['SAN1'],
  vms: ['HV01', 'HV02'].flatMap((node, at) =>
    [1, 2, 3, 4].map((number) => ({
      name: `VM${at * 4 + number}`,
      node,
      memoryMB: 4096,
      priority: 'medium' as const,
    })),
  ),
});
