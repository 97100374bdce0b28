import type { CliContext } from './context.ts';

/** The references of every server of a rehearsal, which is started where it does not run. Throws REHEARSAL_NOT_FOUND. */
export const serversOfRehearsal = async (name: string, context: CliContext): Promise<string[]> => {
  const { running } = await context.call('rehearsal.show', { name });
  return (running?.servers ?? []).map((server) => `rehearsal:${name}/${server.name}`);
};
