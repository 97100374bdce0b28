import type { Change } from '../../../shared/changes/index.ts';
import type { Output } from '../../../shared/contract/index.ts';
import { parseServerRef, printServerRef } from '../../../shared/model/server-ref.ts';
import { call, envelopeOf } from '../../api/core.ts';
import type { PlanCalls } from '../../ui/plan/plan-flow.ts';
import { createReadings } from '../../ui/reading.ts';
import { useServer } from '../../ui/server-store.ts';
import { setStageState, stateOfFailure } from '../../ui/stage-states.ts';

export type MachinesView = Output<'vm.list'>;
export type Machine = MachinesView['state']['machines'][number];
export type MachineCheck = Output<'vm.check'>;

/** A change that was put together in the stage. */
export interface MachinesChange {
  readonly title: string;
  readonly changes: Change[];
}

export const machineReadings = createReadings<MachinesView>(
  (host, { signal, onProgress }) => call('vm.list', { server: host }, { signal, onProgress }),
  envelopeOf,
  {
    hostOf: ({ server }) => server.ref,
    renamed: useServer.getState().renameHost,
    data: (host, view) => {
      useServer.getState().describe(host, { name: view.server.computerName });
      setStageState(host, 'machines', view.standing);
    },
    failure: (host, failure) => setStageState(host, 'machines', stateOfFailure(failure)),
  },
);

export const callsFor =
  (host: string) =>
  (desire: MachinesChange): PlanCalls => ({
    plan: (answers) => call('vm.plan', { server: host, desire, answers }),
    apply: (plan, answers, onProgress) => call('vm.apply', { server: host, desire, plan, answers }, { onProgress }),
    envelopeOf,
    onChanged: () => void machineReadings.read(host),
  });

/** The reference of another node, where this core reaches it: a server of the same rehearsal, or a paired one of that name. */
export const refOfNode = async (host: string, node: string): Promise<string | null> => {
  const ref = parseServerRef(host);
  if (ref?.kind === 'rehearsal') return printServerRef({ ...ref, server: node });
  const { peers } = await call('peers.list', {});
  const peer = peers.find(({ name }) => name.toLowerCase() === node.toLowerCase());
  return peer ? printServerRef({ kind: 'peer', id: peer.id }) : null;
};

/** What speaks against making a machine highly available, with every other node that can be read. */
export const checkMachine = async (view: MachinesView, name: string): Promise<MachineCheck> => {
  const { ref, computerName } = view.server;
  const others = (view.state.clusterNodes ?? []).filter((node) => node.toLowerCase() !== computerName.toLowerCase());
  const refs = await Promise.all(others.map((node) => refOfNode(ref, node)));
  return call('vm.check', { server: ref, name, others: refs.filter((one) => one !== null) });
};

/** Folders that every node reaches, with what they are: cluster shared volumes and disks of the cluster with a letter. */
export const listFolders = async (host: string): Promise<{ readonly path: string; readonly name: string }[]> => {
  const { state } = await call('cluster.read', { server: host });
  return (state.cluster?.disks ?? []).flatMap(({ name, use, path, driveLetter }) =>
    use === 'witness'
      ? []
      : path !== null
        ? [{ path, name }]
        : driveLetter === null
          ? []
          : [{ path: `${driveLetter}:\\`, name }],
  );
};
