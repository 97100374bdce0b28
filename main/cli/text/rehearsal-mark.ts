import { parseServerRef } from '../../../shared/model/server-ref.ts';
import type { CliContext } from '../context.ts';

/** Says on a line of its own that what follows is about a simulated server; nothing for a real one. */
export const printRehearsalMark = (context: CliContext, ref: string): void => {
  if (parseServerRef(ref)?.kind === 'rehearsal')
    context.print(context.paint('magenta', `REHEARSAL: ${ref}, no real server`));
};
