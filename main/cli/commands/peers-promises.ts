import { asClause } from '../../../shared/model/sentence.ts';
import type { Command } from 'commander';
import type { KeptClaim } from '../../../shared/model/promise.ts';
import type { ServerClaims } from '../../../shared/contract/promises.ts';
import { claimText } from '../../../shared/rules/peers/peer-words.ts';
import { UsageError, type CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderTable } from '../text/table.ts';
import { localTime, zoneText } from '../../../shared/model/time.ts';

interface JsonOption {
  readonly json?: boolean;
}

const print = (context: CliContext, claims: readonly KeptClaim[]): void => {
  if (claims.length === 0) return context.print('No promise is kept here, and none was given to this server.');
  context.print(
    renderTable(
      [
        { title: 'SERIAL NUMBER' },
        { title: 'UNIQUE ID', maxWidth: 60 },
        { title: 'STANDS' },
        { title: `SINCE, ${zoneText()}` },
      ],
      claims.map((one) => [one.serial ?? '', one.disk, claimText(one), localTime(one.since)]),
    ).trimEnd(),
  );
  return undefined;
};

/** Every server's, one under the other; nothing is said of who keeps none. */
const printAll = (context: CliContext, servers: readonly ServerClaims[]): void => {
  const rows = servers.flatMap(({ name, id, claims }) =>
    (claims ?? []).map((one) => [
      id === 'local' ? `${name} (here)` : name,
      one.serial ?? '',
      one.disk,
      claimText(one),
      localTime(one.since),
    ]),
  );
  if (rows.length === 0) context.print('No server that answered keeps a promise or writes to a shared disk.');
  else
    context.print(
      renderTable(
        [
          { title: 'SERVER' },
          { title: 'SERIAL NUMBER' },
          { title: 'UNIQUE ID', maxWidth: 60 },
          { title: 'STANDS' },
          { title: `SINCE, ${zoneText()}` },
        ],
        rows,
      ).trimEnd(),
    );
  for (const { name, because } of servers)
    if (because !== null) context.note(`${name} did not answer: ${asClause(because)} What it promised still holds.`);
  if (servers.some(({ id, claims }) => id !== 'local' && claims?.some(({ claim }) => claim.kind === 'promised')))
    context.note('A promise is released at the server that gave it: "quorate peers promises release" there.');
};

/** `quorate peers promises`. */
export const registerPromises = (peers: Command, context: CliContext): void => {
  const promises = peers
    .command('promises')
    .description('show which shared disks each server leaves alone for another one, or writes to itself');
  promises
    .command('list', { isDefault: true })
    .description('show them, of this server and of all peers')
    .option('--json', 'one JSON document on stdout')
    .action(async ({ json }: JsonOption) => {
      const { servers } = await context.call('promise.survey', {});
      const claims = servers.find(({ id }) => id === 'local')?.claims ?? [];
      if (json) context.printJson({ schema: 'quorate.promises/1', claims, servers });
      else printAll(context, servers);
      if (servers.some(({ because }) => because !== null)) context.exitCode = exitCodes.unknown;
    });
  promises
    .command('return')
    .description('hand back what other servers promised this one')
    .option('--json', 'one JSON document on stdout')
    .action(async ({ json }: JsonOption) => {
      const { claims } = await context.call('promise.return', {});
      if (json) context.printJson({ schema: 'quorate.promises/1', claims });
      else print(context, claims);
    });
  promises
    .command('release <disk>')
    .description('release a promise whose writer never comes back: only after you saw that it has no power')
    .requiredOption('--serial <number>', 'the serial number of the disk')
    .option('--confirm <sentence>', 'type: WRITER is powered down')
    .option('--json', 'one JSON document on stdout')
    .action(async (disk: string, options: JsonOption & { readonly serial: string; readonly confirm?: string }) => {
      if (options.confirm === undefined) throw new UsageError('Add --confirm "WRITER is powered down".');
      const statement = options.confirm;
      const released = await context.call('promise.release', { disk, serial: options.serial, statement });
      if (options.json) context.printJson({ schema: 'quorate.promise-release/1', ...released });
      else
        context.print(`The promise to ${released.writerName ?? 'the writer'} is gone; the disk may be brought online.`);
    });
};
