import { World } from '../../main/rehearsal/world/world.ts';
import { rehearsalPorts } from '../../main/rehearsal/host/rehearsal-host.ts';
import type { WorldClient } from '../../main/rehearsal/world/client.ts';
import { runControl } from '../../main/rehearsal/world/control.ts';
import { answer } from '../../main/rehearsal/world/requests.ts';
import type { ServedTargets } from '../../main/rehearsal/world/serve.ts';
import type { ServerState, WorldState } from '../../main/rehearsal/world/state.ts';
import type { Ports } from '../../main/ports/ports.ts';
import { fromEnvelope } from '../../shared/errors/failure.ts';
import type { FaultInput } from '../../shared/model/rehearsal-faults.ts';

/* Two simulated servers in this very process, with addresses, roles and shared disks: what validation looks at. */

const request = (server: string) => ({ who: 'test', server, what: 'test.edit', input: {} });

export const edit = (world: World, change: (state: WorldState) => void): void => {
  const outcome = world.change(request('NODE1'), (draft) => {
    change(draft.world);
    return null;
  });
  if (outcome.kind !== 'done') throw new Error(outcome.kind);
};

/** Plants a fault as whoever rehearses does: over the world's control. */
export const plant = (world: World, fault: FaultInput): Promise<unknown> =>
  runControl(world, {} as ServedTargets, 'test', 'setFault', fault);

const address = (server: ServerState, port: number, held: string, gateway?: string): void => {
  const nic = server.nics[port]!;
  nic.dhcp.ipv4 = false;
  nic.addresses = [
    { address: held, prefixLength: 24, family: 'ipv4', origin: 'manual', skipAsSource: false, duplicate: false },
  ];
  nic.gateways = gateway ? [{ family: 'ipv4', nextHop: gateway, metric: 0 }] : [];
};

/** Both servers on a production and on a private network, with the roles; `disks` logs both on to the target. */
export const readyWorld = (folder: string, disks = true): World => {
  const world = new World({ folder, scenario: 'two-node-2022', seed: 7, clock: 'driven' });
  edit(world, (state) => {
    Object.values(state.servers).forEach((server, at) => {
      server.membership = { kind: 'domain', name: 'lab.example' };
      server.primaryDnsSuffix = 'lab.example';
      for (const nic of server.nics.slice(3)) nic.enabled = false;
      address(server, 0, `192.0.2.${at + 31}`, '192.0.2.1');
      address(server, 1, `10.0.1.${at + 31}`);
      for (const name of ['Hyper-V', 'Failover-Clustering'])
        server.features[name] = { ...server.features[name], state: 'installed' } as never;
      if (!disks) return;
      address(server, 2, `198.51.100.${at + 31}`);
      const [target] = Object.values(state.targets);
      const [portal] = target!.portals;
      server.initiator.sessions.push({
        ...{ id: `s${at}`, target: target!.name, initiatorName: server.initiator.name, boundAddress: null },
        ...{ localAddress: `198.51.100.${at + 31}`, localPort: 5000, portalAddress: portal!.address, portalPort: 3260 },
        ...{ connectionId: `c${at}`, isid: '400001370000', tsih: '1', persistent: true, connected: true },
        ...{ claimed: false, discovered: true, multipath: false, headerDigest: false, dataDigest: false },
        chap: { kind: 'NONE', userName: null, secret: null },
      });
    });
  });
  return world;
};

/** Ports of one of its servers. A run of Test-Cluster is over when it is looked at for the second time. */
export const portsOf = (world: World, server: string): Ports => {
  let looks = 0;
  const client = {
    port: async (name: string, port: string, input: unknown): Promise<unknown> => {
      if (port === 'cluster.readValidation' && (looks += 1) > 1) world.advance(60_000);
      const reply = await answer(world, {} as ServedTargets, { id: 1, who: 'test', server: name, port, input });
      const { ok, result, failure } = reply as { ok: boolean; result?: unknown; failure?: never };
      if (!ok) throw fromEnvelope(failure!);
      return result;
    },
    close: () => undefined,
  };
  return rehearsalPorts(client as unknown as WorldClient, 'test', server);
};
