import type { Command } from 'commander';
import type { LunOutcome } from '../../../shared/model/lun-map.ts';
import type { Endpoint } from '../../../shared/model/peer.ts';
import { iscsiPort } from '../../../shared/model/windows-iscsi.ts';
import { UsageError, type CliContext } from '../context.ts';
import { readEndpoint } from '../endpoints.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { chapOf, withChap, type AccessOptions } from '../iscsi/access.ts';
import { repeated } from '../repeated.ts';
import { renderLunMap } from '../text/lun-map-text.ts';

const exitCodeOf: Readonly<Record<LunOutcome, ExitCode>> = {
  pass: exitCodes.done,
  warn: exitCodes.done,
  fail: exitCodes.checkFailed,
  unknown: exitCodes.unknown,
};

interface LunOptions extends Omit<Partial<AccessOptions>, 'portal'> {
  readonly portal?: Endpoint[];
}

/** `quorate peers luns`. */
export const registerLuns = (peers: Command, context: CliContext): void => {
  const luns = peers
    .command('luns')
    .description('show which server sees which logical unit over which path, by its identity, differences first')
    .option(
      '--portal <address[:port]>',
      'also log on to this portal from every server in its subnet and list its LUNs; may be repeated',
      repeated((text) => readEndpoint(text, iscsiPort)),
    );
  withChap(luns, {
    userText: 'the CHAP name, for targets at these portals that ask for CHAP',
    secretText: '; the peers get it for this one question',
  })
    .option('--json', 'one JSON document on stdout')
    .action(async ({ portal, json, ...access }: LunOptions) => {
      const chap = await chapOf(context, access);
      if (chap.chap && !portal) throw new UsageError('CHAP is for portals: name them with --portal.');
      const map = await context.call('peers.luns', { portals: portal ?? [], ...chap });
      if (json) context.printJson(map);
      else context.print(renderLunMap(map, context.paint, context.columns));
      context.exitCode = exitCodeOf[map.outcome];
    });
};
