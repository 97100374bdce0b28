import { clusterFileSchema, type ClusterFile, type ClusterFileServer } from '../../shared/model/cluster-file.ts';
import { exampleClusterFile } from '../../shared/model/cluster-file-example.ts';
import type { ServerPlan } from '../../shared/model/formation.ts';
import type { Nic } from '../../shared/model/nic.ts';
import type { ServerInput } from '../../shared/plan/formation/phase.ts';
import { planServer } from '../../shared/plan/formation/plan-server.ts';
import { noProofs } from '../../shared/plan/formation/proofs.ts';
import { makeHost, makeInitiator, makeNetwork, makeNic, makeStorage } from './observed-server.ts';

export const exampleFile = (servers: number): ClusterFile => clusterFileSchema.parse(exampleClusterFile({ servers }));

/** The adapters of a bare server of the file: on DHCP, cabled, named by Windows. */
export const bareNics = (server: ClusterFileServer): Nic[] =>
  server.nics.map(({ mac }, index) => makeNic(index + 1, { permanentAddress: mac, macAddress: mac }));

/** A server fresh from its installation, as it sees itself: the service for iSCSI stands still, no disk is there. */
export const bareServer = (
  file: ClusterFile,
  index: number,
  change: (input: ServerInput) => ServerInput = (input) => input,
): ServerInput => {
  const server = file.servers[index]!;
  const name = `WIN-${index}`;
  const nics = bareNics(server);
  return change({
    file,
    server,
    observed: {
      host: makeHost({ factsChange: { computerName: name, nextComputerName: name } }),
      network: makeNetwork({ node: name, nics }),
      initiator: makeInitiator({
        node: name,
        nics,
        roles: new Map(),
        mpio: { feature: 'available', claimsIscsi: null, loadBalancePolicy: null, unread: [] },
        stateChange: {
          service: { state: 'stopped', startMode: 'manual' },
          iqn: null,
          portals: null,
          targets: null,
          sessions: null,
          favourites: null,
          boundVolumes: null,
          unread: [],
        },
      }),
      storage: makeStorage({ node: name, disks: [] }),
    },
    unread: {},
    proofs: noProofs,
    readiness: { checks: [] },
    memoryBytes: String(64n * 1024n ** 3n),
    runsAs: { name: `${name}\\Administrator`, sid: 'S-1-5-21-1-2-3-500' },
    answers: {},
    secrets: {},
  });
};

export const plansOf = (inputs: readonly ServerInput[]): ServerPlan[] => inputs.map((input) => planServer(input));
