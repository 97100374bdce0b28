import type { NetworkView } from '../../../shared/contract/nic.ts';
import { toJson } from '../../../shared/model/quantity.ts';
import { connectionsOver } from '../../../shared/plan/nic/connections.ts';
import { resolveRoles } from '../../../shared/plan/nic/roles.ts';
import { networkStanding } from '../../../shared/plan/standing/network.ts';
import { viewOf } from '../host/read-host.ts';
import { readNode, readPart, reasons } from '../plans/read-part.ts';
import type { Server } from '../plans/server.ts';

/** Every adapter with its role, the connections that run over it, and the changes that wait to be confirmed. */
export const listNics = async (server: Server, signal?: AbortSignal): Promise<NetworkView> => {
  const options = signal ? { signal } : {};
  const { nics: port } = server.ports;
  const [node, nics, remoteSessions, armed] = await Promise.all([
    readNode(server, signal),
    port.list(options),
    readPart(() => port.readRemoteSessions(options)),
    readPart(() => port.readReverts(options)),
  ]);
  const { roles, lost } = resolveRoles(server.settings.read().roles, nics);
  const entries = server.journal.listOpen();
  return {
    server: viewOf(server, node),
    nics: nics.map((nic) => ({
      ...toJson(nic),
      role: roles.get(nic.interfaceGuid) ?? null,
      canBeSet: nic.membership?.kind !== 'teamMember' && nic.membership?.kind !== 'switchMember',
      carries: [...(connectionsOver(nic, { remoteSessions: remoteSessions.value }) ?? [])],
    })),
    lostRoles: lost.map(({ role, permanentAddress, interfaceGuid }) => ({ role, permanentAddress, interfaceGuid })),
    remoteSessions: remoteSessions.value === null ? null : [...remoteSessions.value],
    reverts: (armed.value ?? []).map(({ token, dueAt }) => ({
      id: token,
      dueAt,
      what:
        entries.find((entry) => entry.begin.id === token)?.revert?.what ??
        'A change goes back to the settings from before.',
    })),
    standing: networkStanding(
      { node, nics, roles, remoteSessions: remoteSessions.value, probes: new Map() },
      (armed.value ?? []).length,
    ),
    unread: Object.entries(reasons({ remoteSessions, reverts: armed })).map(([property, because]) => ({
      property,
      because,
    })),
    readAt: server.now().toISOString(),
  };
};
