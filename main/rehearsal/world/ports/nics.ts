import * as z from 'zod';
import { isInPrefix } from '../../../../shared/model/address.ts';
import { type LinkState, type Nic } from '../../../../shared/model/nic.ts';
import { nicOrRefuse, rest } from '../change.ts';
import * as nics from '../changes/nics.ts';
import { registerTask, removeTask } from '../changes/host.ts';
import { answersOnNetwork, isLinkUp, networkOfNic } from '../reach.ts';
import { refuse } from '../refusal.ts';
import type { NicAddressState, NicState, ServerState, WorldState } from '../state.ts';
import { changes, family, nothing, reads, type Look } from './method.ts';
import { taskPath } from './host.ts';
import { echoOnce } from './measure.ts';

export const addressState = (linkUp: boolean, held: NicAddressState): 'duplicate' | 'preferred' | 'tentative' =>
  held.duplicate ? 'duplicate' : linkUp ? 'preferred' : 'tentative';

const observe = (world: WorldState, server: ServerState, nic: NicState): Nic => {
  const linkUp = isLinkUp(world, server, nic);
  const jumbo = nic.advanced.find((property) => property.keyword === '*JumboPacket');
  const mtu = nics.mtuOfNic(nic);
  return {
    interfaceGuid: nic.guid,
    interfaceIndex: nic.index,
    name: nic.name,
    description: nic.description,
    permanentAddress: nic.permanentMac,
    macAddress: nic.mac,
    isHardware: nic.hardware,
    isVirtual: nic.virtual,
    driver: nic.driver,
    adminStatus: nic.enabled ? 'up' : 'down',
    operationalStatus: linkUp ? 'up' : 'down',
    mediaState: linkUp ? 'connected' : 'disconnected',
    receiveLinkSpeedBps: linkUp ? BigInt(nic.linkSpeedBps) : 0n,
    transmitLinkSpeedBps: linkUp ? BigInt(nic.linkSpeedBps) : 0n,
    bindings: nic.bindings,
    addresses: nic.enabled
      ? nic.addresses.map((held) => ({
          address: held.address,
          prefixLength: held.prefixLength,
          family: held.family,
          origin: held.origin,
          state: addressState(linkUp, held),
          skipAsSource: held.skipAsSource,
        }))
      : [],
    dhcp: nic.dhcp,
    gateways: nic.gateways.map(({ family, nextHop, metric }) => ({ family, nextHop, metric })),
    dnsServers: { ipv4: nics.dnsServersOf(nic, 'ipv4'), ipv6: nics.dnsServersOf(nic, 'ipv6') },
    registersInDns: nic.registersInDns,
    netbios: nic.netbios,
    mtuBytes: { ipv4: mtu, ipv6: mtu },
    jumboPacket: jumbo ? { valueBytes: Number(jumbo.value), values: jumbo.validValues.map(Number) } : null,
    powerSaving: nic.powerSaving,
    membership: nic.membership,
    networkCategory: linkUp ? nic.category : null,
    unread: [],
  };
};

const links = ({ world, server }: Look): LinkState[] =>
  server.nics.map((nic) => ({
    interfaceGuid: nic.guid,
    name: nic.name,
    adminStatus: nic.enabled ? 'up' : 'down',
    mediaState: isLinkUp(world, server, nic) ? 'connected' : 'disconnected',
  }));

const restoreSchema = z.array(
  z.object({
    interfaceGuid: z.string(),
    switchName: z.string().optional(),
    enabled: z.boolean().optional(),
    dhcp: z.object({ family, enabled: z.boolean() }).optional(),
    addresses: z
      .object({ family, list: z.array(z.object({ address: z.string(), prefixLength: z.number().int() })) })
      .optional(),
    gateway: z.object({ family, nextHop: z.string().nullable() }).optional(),
    dnsServers: z.object({ family, servers: z.array(z.string()) }).optional(),
  }),
);

export const revertPrefix = 'Revert-';

const nic = z.string();

export const nicMethods = {
  'nics.list': reads(nothing, (look) => {
    const { world, server } = look;
    rest(look, 'nic.adapter.numbers');
    const seen = server.nics.map((one) => observe(world, server, one));
    if (seen.some(({ addresses }) => addresses?.some(({ state }) => state === 'tentative')))
      rest(look, 'nic.address.tentative');
    return seen;
  }),
  'nics.links': reads(nothing, links),
  'nics.readRemoteSessions': reads(nothing, ({ server }) => server.remoteSessions),
  'nics.probeAddress': reads(z.object({ nic, address: z.string() }), ({ world, server }, input) => {
    const one = server.nics.find((candidate) => candidate.guid === input.nic);
    if (!one) throw refuse('nic.notFound', { nic: input.nic });
    const network = networkOfNic(world, server, one);
    const onLink = one.addresses.some(
      (held) => !held.duplicate && isInPrefix(input.address, held.address, held.prefixLength),
    );
    if (!network || !onLink) return 'unknown';
    return answersOnNetwork(world, network, input.address, { server: server.name, nic: one.guid })
      ? 'answered'
      : 'free';
  }),
  'nics.sendEcho': reads(
    z.object({
      destination: z.string(),
      source: z.string().nullable(),
      payloadBytes: z.number().int().min(0).max(65_500),
      dontFragment: z.boolean(),
    }),
    ({ world, server }, input) => echoOnce(world, server, input),
  ),
  'nics.armRevert': changes(
    z.object({ token: z.string(), afterSeconds: z.number().int().min(10).max(3600), restore: restoreSchema }),
    (change, input) => {
      for (const item of input.restore) nicOrRefuse(change, item.interfaceGuid);
      registerTask(change, {
        path: taskPath,
        name: `${revertPrefix}${input.token}`,
        description: `quorate-revert;1;${new Date(change.nowMs + input.afterSeconds * 1000).toISOString()}`,
        trigger: { kind: 'once', atMs: change.nowMs + input.afterSeconds * 1000 },
        user: 'NT AUTHORITY\\SYSTEM',
        logonType: 'ServiceAccount',
        runLevel: 'Highest',
        execute: 'powershell.exe',
        arguments: '',
        enabled: true,
        lastRunMs: null,
        restore: input.restore,
      });
    },
  ),
  'nics.disarmRevert': changes(z.object({ token: z.string() }), (change, input) => {
    removeTask(change, taskPath, `${revertPrefix}${input.token}`);
  }),
  'nics.readReverts': reads(nothing, ({ server }) =>
    server.tasks.flatMap((task) =>
      task.path === taskPath && task.name.startsWith(revertPrefix) && task.trigger.kind === 'once'
        ? [{ token: task.name.slice(revertPrefix.length), dueAt: new Date(task.trigger.atMs).toISOString() }]
        : [],
    ),
  ),
};
