import type { Input, Output } from '../../../shared/contract/index.ts';
import { askLine, canAsk } from '../change.ts';
import { UsageError, type CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { printable } from '../text/style.ts';
import { wrapText } from '../text/table.ts';
import { chapOf, type AccessOptions } from './access.ts';

export interface ClearOptions extends Partial<AccessOptions> {
  readonly forget?: boolean;
  readonly yes?: boolean;
}

type Cleared = Output<'iscsi.clearMine'>;
type Noted = Input<'iscsi.forgetKeys'>['keys'][number];

const place = (one: Noted): string =>
  `${one.key} on LUN ${one.lun} of ${one.target} (${one.portal}, as ${one.initiator}, noted ${one.since.slice(0, 10)})`;

const countOf = (notes: readonly unknown[]): string => `${notes.length} ${notes.length === 1 ? 'key' : 'keys'}`;

/** Where a filter left notes out, "nothing to remove" would be taken for "nothing is there". */
const tellExcluded = (context: CliContext, excluded: readonly Noted[]): void => {
  if (excluded.length === 0) return;
  const where = [...new Set(excluded.map(({ portal, initiator }) => `${portal} (as ${initiator})`))].join(', ');
  const remains = excluded.length === 1 ? 'remains' : 'remain';
  context.note(
    `${countOf(excluded)} ${remains} noted for ${where}, which --portal or --initiator left out. Without them clear-mine looks at all.`,
  );
};

const render = (context: CliContext, cleared: Cleared): void => {
  const line = (text: string): void => context.print(wrapText(printable(text), context.columns, { rest: '  ' }));
  for (const one of cleared.removed) line(`removed: ${place(one)}`);
  // A run notes all the keys that it may need before it registers the first: most of them never stood on the device.
  if (cleared.gone.length > 0)
    line(
      `not registered, so only the ${cleared.gone.length === 1 ? 'note was' : 'notes were'} dropped: ${countOf(cleared.gone)}`,
    );
  for (const one of cleared.left) {
    line(`${one.isSeen ? 'still there' : 'may still be there'}: ${place(one)}: ${one.because.replace(/\.$/, '')}.`);
    line(`  ${one.next}`);
  }
  if (cleared.left.some(({ isSeen }) => !isSeen))
    context.note(
      'Where a target or a LUN is gone for good, "quorate iscsi reservations clear-mine --forget" forgets its keys.',
    );
  if (cleared.removed.length + cleared.gone.length + cleared.left.length + cleared.excluded.length === 0)
    context.print('There is nothing to remove: no run left a key behind.');
  tellExcluded(context, cleared.excluded);
};

const filterOf = (options: ClearOptions): Input<'iscsi.ownKeys'> => ({
  ...(options.portal ? { portals: options.portal } : {}),
  ...(options.initiator ? { initiator: options.initiator } : {}),
});

/** Drops notes without asking a target: nothing is removed anywhere, so it is said what would be forgotten. */
const forget = async (context: CliContext, options: ClearOptions): Promise<void> => {
  const { keys: noted } = await context.call('iscsi.ownKeys', {});
  const { keys } = await context.call('iscsi.ownKeys', filterOf(options));
  if (keys.length === 0) {
    if (options.json) context.printJson({ schema: 'quorate.iscsi-forget/1', forgotten: [], remaining: noted });
    else
      context.print(
        noted.length === 0
          ? 'There is nothing to forget: no key is noted.'
          : 'No noted key is of that portal and name.',
      );
    if (noted.length > 0) context.exitCode = exitCodes.unknown;
    return;
  }
  for (const one of keys) context.note(`recorded: ${place(one)}`);
  const warning = `${countOf(keys)} would be forgotten and not removed: a target that comes back still has ${keys.length === 1 ? 'it' : 'them'}, and clear-mine cannot remove ${keys.length === 1 ? 'it' : 'them'} any more.`;
  if (options.yes !== true) {
    if (!canAsk(context, options)) throw new UsageError(`${warning} Answer with --yes.`);
    context.note(warning);
    const typed = await askLine(context, 'Forget them? [y/N] ');
    if (!/^(y|yes)$/i.test(typed.trim())) {
      context.note('No key was forgotten.');
      context.exitCode = exitCodes.cancelled;
      return;
    }
  }
  const { forgotten } = await context.call('iscsi.forgetKeys', { keys });
  const remaining = (await context.call('iscsi.ownKeys', {})).keys;
  if (options.json) context.printJson({ schema: 'quorate.iscsi-forget/1', forgotten, remaining });
  else for (const one of forgotten) context.print(`forgotten: ${printable(place(one))}`);
};

export const clearMine = async (context: CliContext, options: ClearOptions): Promise<void> => {
  if (options.forget) return forget(context, options);
  if ((options.sourceIp?.length ?? 0) > 1) throw new UsageError('Give one --source-ip here.');
  context.progressLine()({ doing: 'Asking the targets of the noted keys', done: null, total: null, leftMs: null });
  const cleared = await context.call('iscsi.clearMine', {
    ...(await chapOf(context, options)),
    ...(options.sourceIp?.[0] ? { sourceIp: options.sourceIp[0] } : {}),
    ...filterOf(options),
  });
  context.endProgressLine();
  if (cleared.left.length + cleared.excluded.length > 0) context.exitCode = exitCodes.unknown;
  if (options.json) return context.printJson({ schema: 'quorate.iscsi-clear-mine/1', ...cleared });
  render(context, cleared);
};
