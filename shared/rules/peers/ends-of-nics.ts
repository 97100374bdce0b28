import type { MeasuredEnds } from '../../model/network-measure.ts';
import type { Nic } from '../../model/nic.ts';
import type { InitiatorState } from '../../model/windows-iscsi.ts';

/** The IPv4 addresses that are in use now: of NICs that are up, neither tentative nor duplicate, and no automatic ones (169.254/16). */
export const endsOfNics = (nics: readonly Nic[]): MeasuredEnds['ends'] =>
  nics.flatMap((nic) =>
    nic.operationalStatus !== 'up'
      ? []
      : (nic.addresses ?? []).flatMap(({ address, family, prefixLength, state }) =>
          family !== 'ipv4' || state !== 'preferred' || prefixLength < 1 || address.startsWith('169.254.')
            ? []
            : [
                {
                  address,
                  prefixLength,
                  nic: nic.name,
                  role: null,
                  mtuBytes: nic.mtuBytes?.ipv4 ?? null,
                  linkSpeedBps: nic.transmitLinkSpeedBps === null ? null : Number(nic.transmitLinkSpeedBps),
                },
              ],
        ),
  );

/** The portals that the initiator of a server was told of; none where it could not be read. */
export const portalsOf = (state: InitiatorState | null): MeasuredEnds['portals'] => {
  const found = new Map<string, MeasuredEnds['portals'][number]>();
  for (const { targetPortalAddress: address, targetPortalPort: port } of state?.portals ?? [])
    found.set(`${address} ${port}`, { address, port });
  return [...found.values()];
};
