import { asClause } from '../../../shared/model/sentence.ts';
import type { Command } from 'commander';
import { resolve } from 'node:path';
import { failure } from '../../../shared/errors/failure.ts';
import type { ConsistencyOutcome } from '../../../shared/model/consistency.ts';
import type { Endpoint } from '../../../shared/model/peer.ts';
import { endpointText } from '../../../shared/rules/peers/peer-words.ts';
import { pause } from '../../system/pause.ts';
import { UsageError, type CliContext } from '../context.ts';
import { readEndpoint, readListen } from '../endpoints.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { expandFactFiles } from '../fact-files.ts';
import { repeated } from '../repeated.ts';
import { renderConsistency } from '../text/consistency-text.ts';
import { registerLuns } from './peers-luns.ts';
import { registerMatrix } from './peers-matrix.ts';
import { registerPromises } from './peers-promises.ts';
import { registerCoordinator } from './peers-coordinator.ts';
import { renderNearby, renderPeers, renderSelf } from '../text/peers-text.ts';
import { zonedTime } from '../../../shared/model/time.ts';

interface JsonOption {
  json?: boolean;
}

const pollMs = 500;

/** Waits until the invitation is used, expired or locked; Ctrl-C withdraws it. */
const waitForJoiner = async (context: CliContext, code: string): Promise<void> => {
  context.note('Waiting for the other server. Ctrl-C withdraws the invitation.');
  for (;;) {
    if (context.signal.aborted) {
      await context.call('peers.withdrawInvitation', {});
      throw failure('CANCELLED', { what: 'The invitation' });
    }
    const self = await context.call('peers.self', {});
    if (self.invitation?.code !== code) {
      if (self.isPairingLocked) throw failure('PEER_INVITATION_LOCKED', { name: self.name });
      // Used, but the joiner has not said yet that it wrote us down: the words come with that.
      if (self.lastPaired) {
        context.print(`Paired with ${self.lastPaired.name} (${self.lastPaired.id}).`);
        context.print(`Both screens show the same two words: ${context.paint('bold', self.lastPaired.words)}`);
        return;
      }
      const { peers } = await context.call('peers.list', {});
      if (!peers.some(({ state }) => state === 'unfinished'))
        throw failure('PEER_INVITATION_EXPIRED', { name: self.name });
    }
    await pause(pollMs);
  }
};

interface InviteOptions extends JsonOption {
  qr?: boolean;
  file?: string;
  wait?: boolean;
}

const invite = async (context: CliContext, options: InviteOptions): Promise<void> => {
  const invitation = await context.call('peers.invite', {});
  if (options.file !== undefined) {
    try {
      await context.call('peers.saveInvitation', { to: { kind: 'path', path: resolve(options.file) } });
    } catch (error) {
      await context.call('peers.withdrawInvitation', {});
      throw error;
    }
  }
  if (options.json) return context.printJson({ schema: 'quorate.peers-invite/1', ...invitation });
  context.print(context.paint('bold', invitation.code));
  if (options.qr) {
    const { default: qrcode } = await import('qrcode');
    context.print(await qrcode.toString(invitation.code, { type: 'terminal', small: true }));
  }
  context.note(`Valid for one server, until ${zonedTime(invitation.expiresAt)}. On the other server:`);
  const [first] = invitation.endpoints;
  context.note(`  quorate peers join ${invitation.code}${first ? ` --address ${endpointText(first)}` : ''}`);
  context.note('Anyone who learns this code within that time can join instead of that server: show it to nobody else.');
  if (options.wait) await waitForJoiner(context, invitation.code);
};

interface JoinOptions extends JsonOption {
  address?: Endpoint[];
  file?: string;
}

const join = async (context: CliContext, code: string | undefined, options: JoinOptions): Promise<void> => {
  if ((code === undefined) === (options.file === undefined))
    throw new UsageError('Give the invitation as it is shown, or its file with --file.');
  const file =
    options.file === undefined
      ? null
      : await context.call('peers.readInvitation', { file: { kind: 'path', path: resolve(options.file) } });
  const endpoints = options.address ?? file?.endpoints ?? [];
  const joined = await context.call('peers.join', { code: code ?? file?.code ?? '', endpoints });
  if (options.json) return context.printJson({ schema: 'quorate.peers-join/1', ...joined });
  context.print(`Paired with ${joined.name} (${joined.id}).`);
  context.print(`Both screens show the same two words: ${context.paint('bold', joined.words)}`);
  context.note(`If ${joined.name} shows other words, forget it at once: quorate peers forget ${joined.id}`);
};

const forget = async (
  context: CliContext,
  peer: string | undefined,
  options: JsonOption & { all?: boolean },
): Promise<void> => {
  if ((peer === undefined) === (options.all !== true)) throw new UsageError('Name a peer, or give --all.');
  const names = peer === undefined ? (await context.call('peers.list', {})).peers.map(({ id }) => id) : [peer];
  const forgotten = [];
  for (const name of names) forgotten.push(await context.call('peers.forget', { peer: name }));
  if (options.json) return context.printJson({ schema: 'quorate.peers-forget/1', forgotten });
  for (const { name, id, toBeTold } of forgotten) {
    context.print(`${name} (${id}) is forgotten.`);
    if (toBeTold.length > 0)
      context.note(`${toBeTold.length} of the other peers could not be reached; they are informed when they connect.`);
  }
  if (forgotten.length === 0) context.print('There are no peers.');
};

const exitCodeOf: Readonly<Record<ConsistencyOutcome, ExitCode>> = {
  pass: exitCodes.done,
  warn: exitCodes.done,
  fail: exitCodes.checkFailed,
  unknown: exitCodes.unknown,
};

const compare = async (context: CliContext, options: JsonOption & { facts?: string[] }): Promise<void> => {
  const files = options.facts ? expandFactFiles(options.facts) : [];
  const consistency = await context.call('peers.consistency', { files });
  if (options.json) context.printJson(consistency);
  else context.print(renderConsistency(consistency, context.paint, context.columns));
  context.exitCode = exitCodeOf[consistency.outcome];
};

/** `quorate peers`: find, trust and forget other servers. */
export const register = (program: Command, context: CliContext): void => {
  const peers = program.command('peers').description('the other servers: find them, pair with them, forget them');

  peers
    .command('list', { isDefault: true })
    .description('list the paired servers and the state of their connections')
    .option('--all', 'include forgotten servers')
    .option('--json', 'one JSON document on stdout')
    .action(async (options: JsonOption & { all?: boolean }) => {
      const { peers: list } = await context.call('peers.list', { all: options.all === true });
      if (options.json) return context.printJson({ schema: 'quorate.peers/1', peers: list });
      if (list.length === 0)
        context.print('No server is paired. "quorate peers invite" here, and "quorate peers join CODE" there.');
      else context.print(renderPeers(list, context.columns));
      // Somebody else answers in place of a peer: that is nothing to pass over in a script.
      if (list.some((peer) => peer.changedIdentity !== null || peer.state === 'cloned'))
        context.exitCode = exitCodes.checkFailed;
      return undefined;
    });

  peers
    .command('self')
    .description('show this server as its peers see it: identity, words, addresses')
    .option('--json', 'one JSON document on stdout')
    .action(async (options: JsonOption) => {
      const self = await context.call('peers.self', {});
      if (options.json) context.printJson({ schema: 'quorate.peers-self/1', ...self });
      else context.print(renderSelf(self));
    });

  peers
    .command('discover')
    .description('look for servers nearby with multicast DNS')
    .option('--wait <seconds>', 'seconds to search; 2.5 by default', (text) => {
      const seconds = Number(text);
      if (!(seconds >= 0.1 && seconds <= 60)) throw new UsageError('--wait takes 0.1 to 60 seconds.');
      return Math.round(seconds * 1000);
    })
    .option('--json', 'one JSON document on stdout')
    .action(async (options: JsonOption & { wait?: number }) => {
      const { servers } = await context.call('peers.discover', { ...(options.wait ? { waitMs: options.wait } : {}) });
      if (options.json) context.printJson({ schema: 'quorate.peers-discover/1', servers });
      else if (servers.length === 0)
        context.print(
          'No server was found. Where multicast is blocked, pair by address: "quorate peers join CODE --address".',
        );
      else context.print(renderNearby(servers));
    });

  peers
    .command('invite')
    .description('create an invitation; one server can use it within ten minutes')
    .option('--qr', 'also show it as a QR code')
    .option('--file <file>', 'also write it to a file, for a USB drive')
    .option('--wait', 'wait until it is used, and show the two words')
    .option('--json', 'one JSON document on stdout')
    .action((options: InviteOptions) => invite(context, options));

  peers
    .command('join [code]')
    .description('pair with the server that shows this invitation')
    .option(
      '--address <host[:port]>',
      'the address of that server; without it, Quorate looks for the server nearby; may be repeated',
      repeated((text) => readEndpoint(text)),
    )
    .option('--file <file>', 'the invitation as a file')
    .option('--json', 'one JSON document on stdout')
    .action((code: string | undefined, options: JoinOptions) => join(context, code, options));

  peers
    .command('accept <peer>')
    .description('accept a server that a peer introduced')
    .option('--json', 'one JSON document on stdout')
    .action(async (peer: string, options: JsonOption) => {
      const accepted = await context.call('peers.accept', { peer });
      if (options.json) context.printJson({ schema: 'quorate.peers-accept/1', ...accepted });
      else
        context.print(
          `${accepted.name} (${accepted.id}) is a peer now; the two connect once this server is accepted there too.`,
        );
    });

  peers
    .command('forget [peer]')
    .description('forget a peer, here and on every other peer')
    .option('--all', 'forget all peers')
    .option('--json', 'one JSON document on stdout')
    .action((peer: string | undefined, options: JsonOption & { all?: boolean }) => forget(context, peer, options));

  peers
    .command('listen [address...]')
    .description('show where this server listens for peers, or set it: addresses or names of NICs')
    .option('--off', 'stop listening')
    .option('--json', 'one JSON document on stdout')
    .action(async (addresses: string[], options: JsonOption & { off?: boolean }) => {
      if (addresses.length > 0 && options.off) throw new UsageError('Give addresses or --off, not both.');
      const isChange = addresses.length > 0 || options.off === true;
      const { listening, firewall } = isChange
        ? await context.call('peers.listen', { endpoints: addresses.flatMap((text) => readListen(text)) })
        : await context.call('peers.self', {});
      if (options.json) return context.printJson({ schema: 'quorate.peers-listen/1', listening, firewall });
      if (listening.length === 0) context.print('This server does not listen for peers.');
      for (const door of listening)
        context.print(`${endpointText(door)}${door.isOpen ? '' : ` (not now: ${asClause(door.reason ?? 'closed')})`}`);
      if (firewall.state === 'failed')
        context.note(
          `Windows' firewall was not opened for them, so other servers may not reach this one: ${asClause(firewall.reason ?? '')}`,
        );
      return undefined;
    });

  peers
    .command('consistency')
    .description('put this server and its peers side by side, differences first')
    .option(
      '--facts <file...>',
      'compare the servers whose facts are in these files, one in each, instead; for a folder, all files in it; wildcards are allowed',
    )
    .option('--json', 'one JSON document on stdout')
    .action((options: JsonOption & { facts?: string[] }) => compare(context, options));

  registerLuns(peers, context);
  registerMatrix(peers, context);
  registerCoordinator(peers, context);
  registerPromises(peers, context);
};
