import type { InitiatorView } from '../../../shared/contract/initiator.ts';
import { isSameAddress, networkOf } from '../../../shared/model/address.ts';
import { judgePath } from '../../../shared/model/windows-iscsi.ts';
import { explainVerdict, foundPaths, isSamePath, nicOfAddress } from '../../../shared/plan/initiator/paths.ts';
import { connectionsStanding } from '../../../shared/plan/standing/storage.ts';
import { viewOf } from '../host/read-host.ts';
import { observeInitiator } from '../areas/initiator.ts';
import type { Server } from '../plans/server.ts';

/** The initiator with the proof of every path that was asked for, and of those that were found besides. */
export const readInitiator = async (server: Server, signal?: AbortSignal): Promise<InitiatorView> => {
  const observed = await observeInitiator(server, signal);
  const { state, nics, roles, wantedPaths } = observed;
  const found = state.sessions ? foundPaths(state.sessions) : [];
  const paths = [...wantedPaths, ...found.filter((path) => !wantedPaths.some((wanted) => isSamePath(wanted, path)))];
  const nicView = (address: string): InitiatorView['paths'][number]['nic'] => {
    const nic = nics && nicOfAddress(address, nics);
    return nic
      ? { interfaceGuid: nic.interfaceGuid, name: nic.name, role: roles.get(nic.interfaceGuid) ?? null }
      : null;
  };
  const unreadSessions = state.unread.find((entry) => entry.property === 'sessions')?.because ?? 'they were not read';
  return {
    server: viewOf(server, observed.node),
    state,
    mpio: observed.mpio,
    paths: paths.map((path) => {
      const verdict = state.sessions
        ? judgePath(path, state.sessions, isSameAddress)
        : ({ kind: 'unknown', because: `the sessions were not read (${unreadSessions})` } as const);
      return {
        path,
        nic: nicView(path.initiatorPortalAddress),
        wanted: wantedPaths.some((wanted) => isSamePath(wanted, path)),
        verdict: verdict.kind,
        text: explainVerdict(verdict),
        sessionIdentifiers:
          'sessionIdentifier' in verdict
            ? [verdict.sessionIdentifier]
            : verdict.kind === 'doubled'
              ? [...verdict.sessionIdentifiers]
              : [],
      };
    }),
    sources: (nics ?? []).flatMap((nic) => {
      const role = roles.get(nic.interfaceGuid) ?? null;
      if (role !== 'iscsiA' && role !== 'iscsiB') return [];
      return (nic.addresses ?? [])
        .filter(
          (entry) =>
            entry.state !== 'invalid' && entry.state !== 'duplicate' && !/^(fe80:|169\.254\.)/i.test(entry.address),
        )
        .map((entry) => ({
          network: networkOf(entry.address, entry.prefixLength),
          address: entry.address,
          interfaceGuid: nic.interfaceGuid,
          name: nic.name,
          role,
        }));
    }),
    standing: connectionsStanding(observed),
    unread: [
      ...(nics ? [] : [{ property: 'nics', because: 'the network adapters could not be read' }]),
      ...(observed.mpioUnread === null ? [] : [{ property: 'mpio', because: observed.mpioUnread }]),
    ],
    readAt: server.now().toISOString(),
  };
};
