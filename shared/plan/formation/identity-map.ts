import { explain, failure, toEnvelope } from '../../errors/failure.ts';
import type { ClusterFile } from '../../model/cluster-file.ts';
import type { SeenDisk, ServerPlan } from '../../model/formation.ts';

/** A LUN that is not the same on two servers. */
export interface IdentityStop {
  readonly server: string;
  readonly code: string;
  readonly what: string;
  readonly next: string;
}

const stop = (
  server: string,
  serial: string,
  property: string,
  one: string,
  other: string,
  first: string,
): IdentityStop => {
  const { what, next, code } = explain(
    toEnvelope(failure('FORM_LUN_DIFFERS', { serial, property, first, one, server, other })),
  );
  return { server, code, what, next };
};

/**
 * Compares the LUNs of the file over all servers that see them: serial number, VPD page 83h and size have to be equal (Microsoft
 * KB2914974 shows what follows where they are not). A server that does not see one is not judged here: its own plan says so.
 */
export const compareDisks = (file: ClusterFile, servers: readonly ServerPlan[]): IdentityStop[] =>
  file.storage.luns.flatMap(({ serial }) => {
    const seen = servers.flatMap(({ server, disks }) =>
      (disks ?? [])
        .filter((disk) => disk.serial?.toLowerCase() === serial.trim().toLowerCase())
        .map((disk): { server: string; disk: SeenDisk } => ({ server, disk })),
    );
    const [first, ...others] = seen;
    if (!first) return [];
    return others.flatMap(({ server, disk }) => {
      if (disk.uniqueId !== first.disk.uniqueId)
        return [
          stop(
            server,
            serial,
            'the identity in VPD page 83h',
            first.disk.uniqueId ?? 'none',
            disk.uniqueId ?? 'none',
            first.server,
          ),
        ];
      if (disk.sizeBytes !== first.disk.sizeBytes)
        return [stop(server, serial, 'the size in bytes', first.disk.sizeBytes, disk.sizeBytes, first.server)];
      return [];
    });
  });
