import type { Command } from 'commander';
import type { CliContext } from '../context.ts';

/** A command file: it adds its commands to the program and answers them. */
export interface CommandModule {
  register(program: Command, context: CliContext): void;
}

/**
 * The top-level commands in the order of the help text. Only the file of the command that was typed is loaded, so that a
 * command starts quickly; help and completion load them all.
 */
export const commandFiles: readonly {
  readonly names: readonly string[];
  readonly load: () => Promise<CommandModule>;
}[] = [
  { names: ['readiness'], load: () => import('./readiness.ts') },
  { names: ['report'], load: () => import('./report.ts') },
  { names: ['collect'], load: () => import('./collect.ts') },
  { names: ['host'], load: () => import('./host.ts') },
  { names: ['nic'], load: () => import('./nic.ts') },
  { names: ['initiator'], load: () => import('./initiator.ts') },
  { names: ['disk'], load: () => import('./disk.ts') },
  { names: ['iscsi'], load: () => import('./iscsi.ts') },
  { names: ['roles'], load: () => import('./roles.ts') },
  { names: ['cluster'], load: () => import('./cluster.ts') },
  { names: ['storage-host'], load: () => import('./storage-host.ts') },
  { names: ['vm'], load: () => import('./vm.ts') },
  { names: ['journal'], load: () => import('./journal.ts') },
  { names: ['peers'], load: () => import('./peers.ts') },
  { names: ['rehearsal'], load: () => import('./rehearsal.ts') },
  { names: ['form'], load: () => import('./form.ts') },
  { names: ['rehearse'], load: () => import('./rehearse.ts') },
  { names: ['agent', 'activity'], load: () => import('./agent.ts') },
  { names: ['target'], load: () => import('./target.ts') },
  { names: ['availability'], load: () => import('./availability.ts') },
  { names: ['drill'], load: () => import('./drill.ts') },
  { names: ['update'], load: () => import('./update.ts') },
  { names: ['guide'], load: () => import('./guide.ts') },
  { names: ['completion'], load: () => import('./completion.ts') },
];
