import { readFile } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { failure } from '../../shared/errors/failure.ts';
import { localServer } from '../../shared/model/server-ref.ts';
import { quorateNamePrefix } from '../../shared/model/initiator-name.ts';
import type { LocalAddress, ThisServer } from '../operations/qualification/access.ts';
import { messageOf } from '../system/reason.ts';

/** open-iscsi keeps the name here: `InitiatorName=iqn...`. */
const linuxFile = '/etc/iscsi/initiatorname.iscsi';

const ownedByQuorate = (): string =>
  `${quorateNamePrefix}${hostname()
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')}`;

const onLinux = async (): Promise<string> => {
  const text = await readFile(linuxFile, 'utf8').catch(() => '');
  return /^\s*InitiatorName\s*=\s*(\S+)/m.exec(text)?.[1] ?? ownedByQuorate();
};

const onWindows = async (signal: AbortSignal): Promise<string> => {
  try {
    const { openServer } = await import('./open-servers.ts');
    // The local server needs no data folder: only rehearsals are kept in one.
    const host = await openServer(localServer, '');
    try {
      const { iqn } = await host.initiator.readState({ signal });
      if (iqn) return iqn;
      throw new Error('Windows did not tell it');
    } finally {
      await host.close();
    }
  } catch (error) {
    const reason = messageOf(error);
    throw failure('ISCSI_INITIATOR_NEEDED', { reason }, { cause: error });
  }
};

const listAddresses = (): LocalAddress[] =>
  Object.entries(networkInterfaces())
    .flatMap(([nic, addresses]) =>
      (addresses ?? [])
        .filter((one) => !(one.family === 'IPv6' && one.scopeid !== 0))
        .map((one) => ({
          nic,
          address: one.address,
          prefixLength: Number(one.cidr?.split('/')[1] ?? (one.family === 'IPv6' ? 128 : 32)),
          family: one.family === 'IPv6' ? ('ipv6' as const) : ('ipv4' as const),
          isLoopback: one.internal,
        })),
    )
    .sort((left, right) => Number(left.isLoopback) - Number(right.isLoopback));

export const thisServer: ThisServer = {
  addresses: listAddresses,
  /** On Windows the node's own name; on Linux open-iscsi's; elsewhere, and where there is none, one of Quorate's own. */
  ownName: (signal) =>
    process.platform === 'win32'
      ? onWindows(signal)
      : process.platform === 'linux'
        ? onLinux()
        : Promise.resolve(ownedByQuorate()),
};
