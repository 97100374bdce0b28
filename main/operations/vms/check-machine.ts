import type { MachineCheck } from '../../../shared/contract/vm-check.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { machineNamed, refuseWithoutHyperV } from '../../../shared/changes/vm/vm.ts';
import { checkMachine, worstOf, type OtherNode } from '../../../shared/rules/machine-check.ts';
import { viewOf } from '../host/read-host.ts';
import { observeMachines, observeRoles } from '../areas/listed.ts';
import { readPart } from '../plans/read-part.ts';
import type { Server } from '../plans/server.ts';

const readCluster = (server: Server, signal?: AbortSignal) =>
  readPart(() => server.ports.cluster.readState(signal ? { signal } : {}));

/** What one of the other nodes has, for {@link checkMachineHere}. */
export const readOther = async (server: Server, signal?: AbortSignal): Promise<OtherNode> => {
  const { node, state } = await observeMachines(server, signal);
  return { node, state, because: null };
};

/** Looks at everything that speaks against making a machine highly available. Throws VM_NOT_FOUND, HYPERV_MISSING, HYPERV_NOT_RUNNING. */
export const checkMachineHere = async (
  server: Server,
  name: string,
  others: readonly OtherNode[],
  signal?: AbortSignal,
): Promise<MachineCheck> => {
  const [observed, cluster] = await Promise.all([observeMachines(server, signal), readCluster(server, signal)]);
  if (!observed.state.isHyperVRunning) {
    const refused = refuseWithoutHyperV({ ...observed, roles: (await observeRoles(server, signal)).state });
    if (refused) throw failure(refused.code, refused.detail as never);
  }
  const machine = machineNamed(observed, name);
  if (!machine) throw failure('VM_NOT_FOUND', { name });
  const items = checkMachine({
    machine,
    node: observed.node,
    processor: observed.state.processor ?? null,
    cluster: cluster.value,
    clusterUnread: cluster.because,
    others,
  });
  return { server: viewOf(server, observed.node), machine: machine.name, result: worstOf(items), items };
};
