import type { FirewallPort } from '../ports/firewall-port.ts';
import type { Runner } from '../powershell/index.ts';
import { change } from './call.ts';
import { deniedAtOnce } from './errors/denied.ts';

/** The firewall port over scripts. */
export const createFirewallPort = (runner: Runner): FirewallPort => ({
  setPeerOpenings: ({ owner, program, openings }, call) =>
    change(
      runner,
      {
        script: 'Set-PeerOpening',
        input: {
          owner,
          program,
          address: openings.map(({ address }) => address),
          port: openings.map(({ port }) => port),
          interfaceAlias: openings.map(({ nic }) => nic ?? ''),
        },
        timeoutMs: 120_000,
      },
      { call, errors: deniedAtOnce },
    ),
});
