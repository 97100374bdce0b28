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

/** The NICs that are up with an IPv6 address in use that is more than link-local, and without an IPv4 one. */
export const ipv6OnlyOfNics = (nics: readonly Nic[]): MeasuredEnds['ipv6Only'] =>
  nics.flatMap(({ name, operationalStatus, addresses }) => {
    const held = (addresses ?? []).filter(({ state }) => state === 'preferred');
    const wide = held.find(({ family, address }) => family === 'ipv6' && !address.toLowerCase().startsWith('fe80:'));
    return operationalStatus === 'up' && wide && endsOfNics(nics.filter((nic) => nic.name === name)).length === 0
      ? [{ nic: name, address: wide.address }]
      : [];
  });

/** The portals that the initiator of a server was told of; none where it could not be read. */
export const portalsOf = (state: InitiatorState | null): MeasuredEnds['portals'] => {
  const found = new Map<string, MeasuredEnds['portals'][number]>();
  for (const { targetPortalAddress: address, targetPortalPort: port } of state?.portals ?? [])
    found.set(`${address} ${port}`, { address, port });
  return [...found.values()];
};
