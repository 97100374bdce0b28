import { failure } from '../../../shared/errors/failure.ts';
import type { MeasuredEnds } from '../../../shared/model/network-measure.ts';
import { resolveRoles } from '../../../shared/plan/nic/roles.ts';
import type { CallOptions } from '../../ports/call.ts';
import type { MeasurePort } from '../../ports/measure-port.ts';
import type { Server } from '../plans/server.ts';

/** The ends of this server's links, with the roles that its NICs were given: only its own core knows them. */
export const readEnds = async (server: Server, options: CallOptions): Promise<MeasuredEnds> => {
  const [{ ends, ...rest }, nics] = await Promise.all([
    server.ports.measure.ends(options),
    server.ports.nics.list(options),
  ]);
  const { roles } = resolveRoles(server.settings.read().roles, nics);
  const roleOf = new Map(nics.map(({ name, interfaceGuid }) => [name, roles.get(interfaceGuid) ?? null]));
  return { ends: ends.map((end) => ({ ...end, role: roleOf.get(end.nic) ?? null })), ...rest };
};

/** Throws MEASURE_NOT_OURS for an address that is not this server's: nobody measures from, or listens on, what is another's. */
export const assertOwn = async (
  port: MeasurePort,
  addresses: readonly string[],
  options: CallOptions,
): Promise<void> => {
  const { ends } = await port.ends(options);
  const foreign = addresses.find((address) => !ends.some((end) => end.address === address));
  if (foreign !== undefined) throw failure('MEASURE_NOT_OURS', { address: foreign });
};
