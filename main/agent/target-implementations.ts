import { targetChangeFaults, targetFaults, targetList, targetServe } from '../../shared/contract/target.ts';
import { implement, type Implementation } from '../api/registry.ts';
import type { PracticeTargetPort } from '../ports/practice-target-port.ts';

/** Binds the embedded target's methods; its code is loaded when the first of them is called. */
export const targetImplementations = (): Implementation[] => {
  let loading: Promise<PracticeTargetPort> | undefined;
  const port = (): Promise<PracticeTargetPort> =>
    (loading ??= import('../rehearsal/target/index.ts').then(({ PracticeTargets }) => new PracticeTargets()));
  return [
    implement(targetFaults, async () => (await port()).catalogue()),
    implement(targetList, async () => ({ targets: (await port()).list() })),
    implement(targetServe, async (input, context) => {
      const { serveTarget } = await import('../operations/practice-target/serve-target.ts');
      return serveTarget(await port(), input, context);
    }),
    implement(targetChangeFaults, async (input) => ({ faults: [...(await port()).changeFaults(input)] })),
  ];
};
