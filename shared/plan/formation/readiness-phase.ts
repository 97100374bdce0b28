import { isStorageHostOf } from '../../model/cluster-file-storage-host.ts';
import { kindOfAccount } from '../../model/rights.ts';
import { formatSize } from '../../model/size.ts';
import { isSameName } from '../../model/names.ts';
import type { Phase, PhaseDraft, ServerInput } from './phase.ts';
import { areAmong } from './proofs.ts';
import { refusalOf } from './refusal.ts';

/** What a formation sees to itself: it is no reason to stop before it begins. */
const seenToLater: readonly string[] = ['os.pendingReboot', 'domain', 'time.sync'];

/** Whether the servers of the file are one cluster already: nothing is asked of the others as one account any more. */
const isFormed = ({ file, observed }: ServerInput): boolean =>
  areAmong(
    file.servers.map(({ name }) => name),
    observed.cluster?.state.cluster?.nodes.map(({ name }) => name) ?? [],
  );

/** As whom this core runs keeps it from what it is to do. */
const refuseAccount = (input: ServerInput): NonNullable<PhaseDraft['refusals']> => {
  const { file, server, observed, runsAs } = input;
  const computerName = observed.host?.facts.computerName ?? server.name;
  if (observed.host?.facts.isAdministrator === false) return [refusalOf('HOST_NOT_ELEVATED', { server: computerName })];
  const forms = file.servers[0]!.name === server.name && !isFormed(input);
  return forms && runsAs !== null && kindOfAccount(runsAs, computerName) === 'service'
    ? [refusalOf('FORM_ACCOUNT_IS_SERVICE', { server: computerName, account: runsAs.name })]
    : [];
};

/**
 * The virtual machines that are still to be started start on the first server, which makes them, unless they were moved since, and Hyper-V starts
 * none without its memory (0x8007000E). The host itself needs some of it too; how much is not told by anything, so that this refuses only what
 * cannot be.
 */
const refuseMemory = ({ file, server, observed, memoryBytes }: ServerInput): NonNullable<PhaseDraft['refusals']> => {
  if (server.name !== file.servers[0]!.name || memoryBytes === null || !observed.vms) return [];
  const { node, state } = observed.vms;
  const needsNone = (name: string): boolean =>
    state.machines.some(
      (one) => isSameName(one.name, name) && (one.state === 'running' || !isSameName(one.host, node)),
    );
  const waiting = file.virtualMachines.filter(({ name }) => !needsNone(name));
  const wantedBytes = waiting.reduce((sum, { memoryMB }) => sum + BigInt(memoryMB) * 1024n ** 2n, 0n);
  if (wantedBytes < BigInt(memoryBytes)) return [];
  return [
    refusalOf('FORM_MACHINES_TOO_LARGE', {
      machines: waiting.map(({ name }) => name).join(', '),
      wanted: formatSize(wantedBytes.toString()),
      server: server.name,
      memory: formatSize(memoryBytes),
    }),
  ];
};

/** Can this server be a node at all? Nothing of it is changed before that is known. */
export const readiness: Phase = {
  name: 'readiness',
  stage: 'hardware',
  on: 'all',
  isBarrier: false,
  areas: [],
  plan: (input) => {
    const { readiness: found, server } = input;
    const refused = [...refuseAccount(input), ...refuseMemory(input)];
    // It carries no virtual machine, so that nothing is asked of its processor.
    if (isStorageHostOf(input.file, server)) return { refusals: refused };
    const next = `Run "quorate readiness" on ${server.name}: it says what to do about each check.`;
    if ('because' in found)
      return { unknowns: [{ what: `whether ${server.name} can be a cluster node`, because: found.because, next }] };
    const critical = found.checks.filter(({ id, severity }) => severity === 'critical' && !seenToLater.includes(id));
    return {
      refusals: refused.concat(
        critical
          .filter(({ outcome }) => outcome === 'fail')
          .map(({ title, observed, remediation }) =>
            refusalOf('FORM_NOT_READY', {
              server: server.name,
              check: title,
              observed,
              remedy: remediation?.text ?? next,
            }),
          ),
      ),
      unknowns: critical
        .filter(({ outcome }) => outcome === 'unknown')
        .map(({ title, because, remediation }) => ({
          what: `${title} of ${server.name}`,
          because: because ?? 'it was not read',
          next: remediation?.text ?? next,
        })),
    };
  },
};
