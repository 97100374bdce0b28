import type { Command } from 'commander';
import type { Endpoint } from '../../shared/model/peer.ts';
import { parseServerRef, type ServerRef } from '../../shared/model/server-ref.ts';
import { UsageError } from './context.ts';
import { readListen } from './endpoints.ts';
import { repeated } from './repeated.ts';

/** What a core that stays is told on the command line. */
export interface AgentOptions {
  readonly listen?: readonly (readonly Endpoint[])[];
  readonly server?: string;
}

interface AgentSettings {
  /** Where it listens for peers; where the data folder says, if it is left out. */
  readonly listen?: readonly Endpoint[];
  /** The simulated server that is its own; this machine, if it is left out. */
  readonly localServer?: Extract<ServerRef, { kind: 'rehearsal' }>;
}

/** @throws UsageError where `--server` names neither this machine nor a simulated server */
export const readAgentSettings = ({ listen, server = 'auto' }: AgentOptions): AgentSettings => {
  const listens = listen ? { listen: listen.flat() } : {};
  if (server === 'auto' || server === 'local') return listens;
  const ref = parseServerRef(server);
  if (ref?.kind !== 'rehearsal' || ref.server === null)
    throw new UsageError(`--server takes auto or rehearsal:WORLD/SERVER, not "${server}".`);
  return { ...listens, localServer: ref };
};

/** The options of a command whose core stays: `agent`, and what continues after a restart. */
export const withAgentOptions = (command: Command): Command =>
  command
    .option(
      '--listen <address[:port]>',
      'listen for peers on this address or NIC in this run; may be repeated; else where "quorate peers listen" said',
      repeated((text) => readListen(text)),
    )
    .option(
      '--server <server>',
      'the server that this agent acts on: auto (this machine) or rehearsal:NAME/SERVER',
      'auto',
    );
