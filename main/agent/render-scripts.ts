import { partitionTypes, type Disk } from '../../shared/model/disk.ts';
import { isMoved } from '../../shared/changes/index.ts';
import { onlyPartition } from '../../shared/plan/disk/goal.ts';
import type { Action } from '../../shared/plan/action.ts';
import { act, secretsOfAction } from '../operations/plans/act.ts';
import type { Server } from '../operations/plans/server.ts';
import { Secret } from '../ports/secret.ts';
import type { Ports } from '../ports/ports.ts';
import { createRunner } from '../powershell/index.ts';
import { portCalls, printPortCall, scriptCallOf } from '../windows/index.ts';
import type { ScriptCall } from '../windows/call.ts';
import { shippedFolder } from './shipped-folder.ts';

type Recorder = (call: ScriptCall) => void;

/** A port that does nothing but say which script each of its changing methods comes to. */
const recordingPort = (
  calls: Readonly<Record<string, (...given: never[]) => ScriptCall>>,
  record: Recorder,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(calls).map(([name, toCall]) => [
      name,
      (...given: never[]): Promise<void> => {
        record(toCall(...given));
        return Promise.resolve();
      },
    ]),
  );

/** The disk as it will be when its volume is formatted: with the partition that an earlier step of the plan makes. */
const withPartition = (disk: Disk): Disk => {
  if (onlyPartition(disk) !== null) return disk;
  const reserved = (disk.partitions ?? []).some((partition) => partition.gptType === partitionTypes.microsoftReserved);
  const isGpt = disk.partitionStyle !== 'mbr';
  return {
    ...disk,
    partitions: [
      {
        // Windows puts its reserved partition first on a GPT disk.
        partitionNumber: isGpt && (reserved || disk.partitionStyle === 'raw') ? 2 : 1,
        offsetBytes: 0n,
        sizeBytes: disk.sizeBytes,
        gptType: isGpt ? partitionTypes.basicData : null,
        mbrType: isGpt ? null : 7,
        guid: null,
        driveLetter: null,
        volume: null,
      },
    ],
  };
};

const recordingPorts = (ports: Ports, record: Recorder): Ports =>
  ({
    ...ports,
    host: recordingPort(portCalls.host, record),
    nics: recordingPort(portCalls.nics, record),
    initiator: recordingPort(portCalls.initiator, record),
    mpio: recordingPort(portCalls.mpio, record),
    disks: {
      ...recordingPort(portCalls.disks, record),
      list: async () => (await ports.disks.list()).map(withPartition),
    },
  }) as unknown as Ports;

/**
 * The PowerShell of each action: recorded from the very calls that run on Windows, so that what is shown is what runs.
 * Secrets are prompts. Null for what changes nothing of Windows.
 */
export const renderScripts = async (
  server: Omit<Server, 'renderScripts'>,
  actions: readonly Action[],
): Promise<(string | null)[]> => {
  const runner = createRunner({ folder: shippedFolder('powershell') });
  try {
    const texts: (string | null)[] = [];
    for (const action of actions) {
      if (action.do === 'nic.setRole' || action.do === 'initiator.setPathWanted') {
        texts.push(null);
        continue;
      }
      if (isMoved(action)) {
        const call = scriptCallOf(action, () => new Secret(''));
        texts.push(call && (await printPortCall(runner, call)));
        continue;
      }
      const calls: ScriptCall[] = [];
      const recording: Server = {
        ...server,
        ports: recordingPorts(server.ports, (call) => calls.push(call)),
        renderScripts: async () => [],
      };
      const secrets = Object.fromEntries(secretsOfAction(action).map((name) => [name, '']));
      await act(recording, action, secrets, {});
      texts.push((await Promise.all(calls.map((call) => printPortCall(runner, call)))).join('\n'));
    }
    return texts;
  } finally {
    await runner.close();
  }
};
