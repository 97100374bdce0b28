import type { DueCheck, Phase } from './phase.ts';
import { areAmong } from './proofs.ts';

/** What a validation without its storage tests is about: disks of a cluster that works are not disturbed. */
export const withoutStorage = 'withoutStorage';

/** What a measurement that fills no network with data is about: machines use them. */
export const withoutLoad = 'withoutLoad';

/**
 * Windows' own validation, a condition of support: once for the servers of the file, after their roles and before they become a
 * cluster (learn.microsoft.com, "Validate hardware for a failover cluster"). Where the cluster stands and servers join it, without storage.
 */
export const validation: Phase = {
  name: 'validation',
  stage: 'validate',
  on: 'first',
  isBarrier: true,
  areas: ['cluster'],
  plan: ({ file, server, observed, proofs }) => {
    const { state } = observed.cluster!;
    if (state.membership === 'notInstalled')
      return {
        unknowns: [
          {
            what: `the validation of ${server.name}`,
            because: 'Failover Clustering is not installed',
            next: 'An earlier step installs it; find out what stops that step.',
          },
        ],
      };
    const names = file.servers.map(({ name }) => name);
    const nodes = state.cluster?.nodes.map(({ name }) => name) ?? [];
    // Who is in the cluster already was validated by whoever formed it.
    if (areAmong(names, nodes) || proofs.validated.some((one) => areAmong(names, one.nodes))) return {};
    const isGrowing = nodes.length > 0;
    const administers: DueCheck = {
      check: 'account.administers',
      subject: null,
      title: `Check that this account is an administrator on ${names.length > 4 ? `${names.length} servers` : names.join(', ')}`,
      why: 'Windows validates and forms a cluster from one server with one account, which has to be an administrator on every other server. A service account is not.',
      manual: `Open \\\\${names.find((name) => name !== server.name) ?? ''}\\ADMIN$ from ${server.name}, as the account that will form the cluster.`,
      expectedMs: 1_000 * names.length,
    };
    const measured: DueCheck = {
      check: 'networks.measure',
      subject: isGrowing ? withoutLoad : null,
      title: `Measure the networks between ${names.length > 4 ? `${names.length} servers` : names.join(', ')}`,
      why: 'Every pair of servers over every network, in both directions, and every portal: this is where a wrong cable, a small packet size or a closed port shows, while it costs nothing.',
      manual: 'quorate peers matrix',
      // A round of pairs takes about half a minute; nobody measures with two at once.
      expectedMs: 30_000 * Math.max(1, names.length - 1),
    };
    const compared: DueCheck = {
      check: 'servers.agree',
      subject: null,
      title: `Compare ${names.length > 4 ? `${names.length} servers` : names.join(', ')}`,
      why: 'Nodes need the same Windows, the same domain and clocks that agree. Name, hardware id, MAC address and initiator name have to be different on each.',
      manual: 'quorate peers consistency',
      expectedMs: 10_000,
    };
    const due: DueCheck = {
      check: 'cluster.validate',
      subject: isGrowing ? withoutStorage : null,
      title: `Validate ${names.length > 4 ? `${names.length} servers` : names.join(', ')}${isGrowing ? ', without the storage tests' : ''}`,
      why: isGrowing
        ? 'A server that joins has to pass what the others passed. The disks are in use, so the storage tests are left out.'
        : 'Microsoft supports a cluster only when its servers passed validation. The disks hold nothing yet, so they can be tested.',
      manual: `Failover Cluster Manager, Validate Configuration, or Test-Cluster -Node ${names.join(',')}${isGrowing ? ' -Ignore Storage' : ''}`,
      locks: ['cluster'],
      expectedMs: 300_000 + 60_000 * names.length,
    };
    return { checks: [administers, measured, compared, due] };
  },
  // Before the roles are there nobody can ask for a cluster; the servers are no nodes of one then.
  assume: (input) => ({
    ...input,
    observed: {
      ...input.observed,
      cluster: {
        node: input.server.name,
        state: { membership: 'none', cluster: input.observed.cluster?.state.cluster ?? null, unread: [] },
      },
    },
  }),
};
