import { promiseList, type ServerClaims } from '../../../shared/contract/promises.ts';
import type { DiskKept } from '../../../shared/model/promise.ts';
import type { Ports } from '../../ports/ports.ts';
import type { GroupServer } from '../../ports/peer-port.ts';
import { answered } from './group.ts';

/** Asks all servers at once which promises they keep. One that does not answer is told with the reason. @throws Failure CANCELLED */
export const surveyClaims = (servers: readonly GroupServer[], signal?: AbortSignal): Promise<ServerClaims[]> =>
  Promise.all(
    servers.map(async ({ id, name, call }): Promise<ServerClaims> => {
      const asked = call(promiseList.name, {}, signal);
      // What this server keeps itself and cannot read is no answer to show beside others.
      if (id === 'local') await asked;
      const { answer, because } = await answered(asked, promiseList.output, signal);
      return { id, name, claims: answer?.claims ?? null, because };
    }),
  );

/** What Windows shows of a disk here; what cannot be read counts for nothing. */
export const keptHere = async ({ disks, initiator }: Ports, disk: string, signal: AbortSignal): Promise<DiskKept> => {
  const [policy, listed, state] = await Promise.all([
    disks.readPolicy({ signal }),
    disks.list({ signal }),
    initiator.readState({ signal }),
  ]);
  const found = listed.filter(({ uniqueId }) => uniqueId === disk);
  return {
    sanPolicy: policy.sanPolicy,
    isOffline: found.length === 0 ? null : found.every(({ isOffline }) => isOffline),
    hasSession: state.sessions && state.sessions.length > 0,
    hasFavorite: state.favourites && state.favourites.length > 0,
  };
};
