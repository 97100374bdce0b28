import { isMadeByQuorate } from '../../../shared/model/initiator-name.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderInspection } from '../text/inspection-text.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { isUnread, tellFact } from '../../../shared/model/unit-fact.ts';
import { printable } from '../text/style.ts';
import { renderTable, wrapText } from '../text/table.ts';
import { accessOf, type AccessOptions } from './access.ts';

const tellRedirects = (
  context: CliContext,
  redirects: readonly { readonly from: string; readonly to: string; readonly permanent: boolean }[],
): void => {
  for (const { from, to, permanent } of redirects)
    context.note(
      permanent
        ? `The portal ${from} redirects to ${to} for good: use ${to} from now on.`
        : `The portal ${from} redirects to ${to} for now.`,
    );
};

/** A target admits names: somebody who did not give one has to know that the one that was used is not the system's. */
export const tellMadeName = (context: CliContext, given: string | undefined, used: string): void => {
  if (given === undefined && isMadeByQuorate(used))
    context.note(
      `This server has no initiator name of its own, so Quorate made one: ${used}. Admit it on the target, or give another with --initiator.`,
    );
};

export const discoverTargets = async (
  context: CliContext,
  options: AccessOptions & { luns?: boolean },
): Promise<void> => {
  const access = await accessOf(context, options);
  const found = await context.call(
    'iscsi.discover',
    { ...access, withLuns: options.luns === true },
    context.progressLine(),
  );
  context.endProgressLine();
  tellMadeName(context, options.initiator, found.initiator);
  if (found.targets.some(({ problem }) => problem !== null)) context.exitCode = exitCodes.unknown;
  // The logons to the targets, which --luns makes, do test it.
  if (access.chap && found.authentication === 'none' && !options.luns)
    context.note(
      'The target did not use CHAP for discovery, so the secret was not tested. "--luns" logs on to the targets with it.',
    );
  if (options.json) return context.printJson({ schema: 'quorate.iscsi-discovery/1', ...found });
  tellRedirects(context, found.redirects);
  if (found.targets.length === 0) {
    context.print(`The portal ${found.portal} answers and shows no target to ${found.initiator}.`);
    context.note('Admit this initiator name on the target, or give an admitted one with --initiator.');
    return;
  }
  const below = (text: string): void =>
    context.print(wrapText(printable(text), context.columns, { first: '  ', rest: '    ' }));
  for (const target of found.targets) {
    context.print(context.paint('bold', printable(target.name)));
    for (const { address, portalGroupTag } of target.portals)
      below(`portal ${address}${portalGroupTag === null ? '' : `, portal group ${portalGroupTag}`}`);
    for (const warning of target.warnings) below(`Note: ${warning}`);
    if (target.problem) below(`${target.problem.what} ${target.problem.next}`);
    if (target.luns?.length === 0) below(`shows no LUN to ${found.initiator}`);
    for (const unit of target.luns ?? [])
      below(
        `LUN ${unit.lun}: ${unit.sizeBytes === null ? 'unknown' : formatSize(unit.sizeBytes)}, ${unit.vendor} ${unit.product}, serial ${tellFact(unit, 'serial', 'none')}, ${isUnread(unit, 'identity') ? 'identity not readable' : (unit.identity ?? 'no identity')}`,
      );
  }
};

export const inspect = async (
  context: CliContext,
  options: AccessOptions & { target: string; lun?: number },
): Promise<void> => {
  const seen = await context.call(
    'iscsi.inspect',
    {
      ...(await accessOf(context, options)),
      target: options.target,
      ...(options.lun === undefined ? {} : { lun: options.lun }),
    },
    context.progressLine(),
  );
  context.endProgressLine();
  tellMadeName(context, options.initiator, seen.initiator);
  if (seen.problems.length > 0 || seen.luns.some(({ problem }) => problem !== null))
    context.exitCode = exitCodes.unknown;
  if (options.json) return context.printJson({ schema: 'quorate.iscsi-inspection/1', ...seen });
  tellRedirects(context, seen.redirects);
  context.print(renderInspection(seen, context.paint, context.columns));
};

/** From which addresses of this server a portal can be asked: what --source-ip takes. */
export const listAddresses = async (context: CliContext, options: { json?: boolean }): Promise<void> => {
  const { addresses } = await context.call('iscsi.sourceAddresses', {});
  if (options.json) return context.printJson({ schema: 'quorate.iscsi-addresses/1', addresses });
  context.print(
    renderTable(
      [{ title: 'ADDRESS' }, { title: 'NIC', maxWidth: 40 }],
      addresses.map(({ address, prefixLength, nic, isLoopback }) => [
        `${address}/${prefixLength}`,
        isLoopback ? `${nic} (loopback)` : nic,
      ]),
    ),
  );
};
