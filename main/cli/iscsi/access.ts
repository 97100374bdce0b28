import { InvalidArgumentError, type Command } from 'commander';
import type { Input } from '../../../shared/contract/index.ts';
import { isAddress } from '../../../shared/model/address.ts';
import { UsageError, type CliContext } from '../context.ts';
import { readChapSecret } from '../read-secret.ts';
import { repeated } from '../repeated.ts';

/** What every `quorate iscsi` verb takes alike: portal, source address, initiator name and CHAP. */
export interface AccessOptions {
  readonly portal: string[];
  readonly sourceIp?: string[];
  readonly initiator?: string;
  readonly chapUser?: string;
  readonly chapSecretFile?: string;
  readonly chapMutualUser?: string;
  readonly chapMutualSecretFile?: string;
  readonly json?: boolean;
}

/** An option whose empty text would be ignored in silence further down. */
export const notEmpty = (value: string): string => {
  if (value.trim() === '') throw new InvalidArgumentError('It is empty.');
  return value;
};

export const collectNotEmpty = repeated(notEmpty);

/** An address, also one with a zone (`fe80::1%eth0`). */
const collectAddress = repeated((value) => {
  if (!isAddress(value.replace(/^(fe80:.*)%.+$/i, '$1')))
    throw new InvalidArgumentError(
      'It is an IPv4 or IPv6 address of this server; "quorate iscsi addresses" lists them.',
    );
  return value;
});

/** What CHAP takes, wherever a portal is logged on to. */
export const withChap = (command: Command, { userText = 'the CHAP name', secretText = '' } = {}): Command =>
  command
    .option('--chap-user <name>', userText, notEmpty)
    .option(
      '--chap-secret-file <file>',
      `a file with the CHAP secret in its first line; - reads standard input${secretText}`,
      notEmpty,
    )
    .option(
      '--chap-mutual-user <name>',
      'the CHAP name that the target has to authenticate with; any when left out',
      notEmpty,
    )
    .option('--chap-mutual-secret-file <file>', 'a file with the target’s secret; - reads standard input', notEmpty);

export const withAccess = (
  command: Command,
  {
    portalText = 'the portal: HOST[:PORT], IPv6 in brackets',
    sourceText = 'the address of the NIC to use',
    isPortalNeeded = true,
  } = {},
): Command => {
  if (isPortalNeeded) command.requiredOption('--portal <portal>', portalText, collectNotEmpty);
  else command.option('--portal <portal>', portalText, collectNotEmpty);
  command
    .option('--source-ip <address>', sourceText, collectAddress)
    .option('--initiator <iqn>', 'the initiator’s name; this server’s own by default', notEmpty);
  return withChap(command).option('--json', 'one JSON document on stdout');
};

type Chap = NonNullable<Input<'iscsi.discover'>['chap']>;

/**
 * The address to use for each portal: one for all of them, or one for each in the same order, because two paths mostly are two
 * networks.
 */
export const sourcesOf = (options: Partial<AccessOptions>): (string | undefined)[] => {
  const portals = options.portal ?? [];
  const sources = options.sourceIp ?? [];
  if (sources.length > 1 && sources.length !== portals.length)
    throw new UsageError(
      `--source-ip is given ${sources.length} times for ${portals.length} ${portals.length === 1 ? 'portal' : 'portals'}: give it once for all of them, or once for each --portal in the same order.`,
    );
  return portals.map((_portal, at) => sources[at] ?? sources[0]);
};

/** The CHAP part, or nothing. What belongs together has to be given together: half of it would be ignored in silence. */
export const chapOf = async (context: CliContext, options: Partial<AccessOptions>): Promise<{ chap?: Chap }> => {
  const { chapUser, chapSecretFile, chapMutualUser, chapMutualSecretFile } = options;
  if ((chapUser === undefined) !== (chapSecretFile === undefined))
    throw new UsageError('--chap-user and --chap-secret-file belong together.');
  if (chapMutualUser !== undefined && chapMutualSecretFile === undefined)
    throw new UsageError('--chap-mutual-user needs --chap-mutual-secret-file.');
  if (chapMutualSecretFile !== undefined && chapSecretFile === undefined)
    throw new UsageError('Mutual CHAP needs --chap-user and --chap-secret-file as well.');
  if (chapUser === undefined || chapSecretFile === undefined) return {};
  const secret = await readChapSecret(context, chapSecretFile, 'the initiator');
  const mutualSecret =
    chapMutualSecretFile === undefined ? undefined : await readChapSecret(context, chapMutualSecretFile, 'the target');
  return {
    chap: {
      user: chapUser,
      secret,
      ...(chapMutualUser === undefined ? {} : { mutualUser: chapMutualUser }),
      ...(mutualSecret === undefined ? {} : { mutualSecret }),
    },
  };
};

export const accessOf = async (
  context: CliContext,
  options: AccessOptions,
  { mostPortals = 1 } = {},
): Promise<Pick<Input<'iscsi.discover'>, 'portal' | 'sourceIp' | 'initiator' | 'chap'>> => {
  if (options.portal.length > mostPortals)
    throw new UsageError(
      mostPortals === 1
        ? 'Give one --portal here; only "quorate iscsi qualify" and "bench" take several.'
        : `Give no more than ${mostPortals} times --portal here.`,
    );
  const [sourceIp] = sourcesOf(options);
  return {
    portal: options.portal[0] ?? '',
    ...(sourceIp === undefined ? {} : { sourceIp }),
    ...(options.initiator ? { initiator: options.initiator } : {}),
    ...(await chapOf(context, options)),
  };
};
