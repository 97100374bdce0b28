import { asClause } from '../../../shared/model/sentence.ts';
import type { DrillAct, DrillOrder } from '../../../shared/contract/drill.ts';
import { elementsOf, findElement } from '../../../shared/availability/elements.ts';
import { keyOf } from '../../../shared/availability/parse-state.ts';
import type { AvailabilityState } from '../../../shared/availability/state.ts';
import { whatIf } from '../../../shared/availability/what-if.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { actsOf, refusalsOf } from './plan-drill.ts';

/** The cluster as this server sees it, with the memory and the NICs of the others, which only they can read. */
export const withOthers = (
  own: AvailabilityState,
  node: string,
  others: DrillOrder['others'],
): { readonly state: AvailabilityState; readonly known: readonly string[] } => {
  const told = (name: string) => others.find((one) => keyOf(one.name) === keyOf(name));
  const isOwn = (name: string): boolean => keyOf(name) === keyOf(node);
  return {
    state: {
      ...own,
      nodes: own.nodes.map((one) => {
        const other = isOwn(one.name) ? undefined : told(one.name);
        if (!other) return one;
        const { memoryMB, reserveMB, nics } = other;
        const { isMemoryKnown: _, ...here } = one;
        return { ...here, memoryMB, reserveMB, ...(nics ? { nics } : {}) };
      }),
    },
    known: own.nodes.map(({ name }) => name).filter((name) => isOwn(name) || told(name) !== undefined),
  };
};

/**
 * A drill that merely arrives is refused: this server has to come to the same act, and to no reason against it, from what it reads
 * itself.
 * @throws Failure DRILL_REFUSED, AVAILABILITY_LOSS_UNKNOWN
 */
export const judgeOrder = (
  own: AvailabilityState,
  node: string,
  { element: id, others }: DrillOrder,
  act: DrillAct,
): void => {
  const { state, known } = withOthers(own, node, others);
  const element = findElement(elementsOf(state), id);
  const found = actsOf(element, [{ node, server: 'local' }]);
  if (JSON.stringify(found.map((one) => one.act)) !== JSON.stringify([act]))
    throw failure('DRILL_REFUSED', { because: `taking ${id} away means something different on ${node}` });
  const [loss] = whatIf(state, { lose: [element.id], all: [] }, []).results;
  if (!loss) throw failure('INTERNAL_BUG', { message: `no answer for ${element.id}` });
  const servers = known.map((name) => ({ node: name, server: name }));
  const [because] = refusalsOf(element, state, loss, servers, found);
  if (because !== undefined)
    throw failure('DRILL_REFUSED', { because: `${node} judges: ${asClause(because.replace(/\.$/, ''))}` });
};
