import type { DrillRecord, RunningDrill } from '../../../shared/contract/drill.ts';
import { Failure } from '../../../shared/errors/failure.ts';
import { pause } from '../../system/pause.ts';
import type { DrillHistory } from './history.ts';

export interface RecoverTools {
  /** Gives back on this server what drills of processes that are gone took away; false: not read as back in time. */
  readonly end: (server: string) => Promise<boolean>;
  readonly isAlive: (pid: number) => boolean;
  readonly now: () => Date;
}

/** For starting and giving back on every server, besides the time of the guards. */
const patienceMs = 10 * 60_000;

/** How long a console that was just started may take until it is connected to the other servers, in milliseconds. */
const connectedMs = 15_000;
const againMs = 500;
/** What a server that is not connected yet is told by: itself, or by the coordinator that asks all of them for its epoch. */
const notConnected: readonly string[] = ['PEER_NOT_CONNECTED', 'COORDINATOR_MEMBER_SILENT'];

/** Null: it is given back; else why that is not known. */
const giveBackOn = async (server: string, end: RecoverTools['end'], deadline: number): Promise<string | null> => {
  for (;;)
    try {
      if (await end(server)) return null;
      return `${server} did not show within its time that everything is back; it undoes the change by itself.`;
    } catch (error) {
      if (!(error instanceof Failure) || error.code === 'CANCELLED') throw error;
      if (!notConnected.includes(error.code) || performance.now() > deadline)
        return `${server} could not be asked, and undoes the change by itself: ${error.message} [${error.code}]`;
      await pause(againMs);
    }
};

const recordOf = (
  { pid: _pid, servers: _servers, guardSeconds: _guard, ...drill }: RunningDrill,
  at: Date,
  troubles: string[],
): DrillRecord => ({
  schema: 'quorate.drill/1',
  ...drill,
  outcome: 'interrupted',
  findings: [
    `Quorate ended in the middle of this drill, so that nothing was measured. ${troubles.length === 0 ? `Everything was read as back on ${at.toISOString().slice(0, 16).replace('T', ' ')} UTC.` : ''}`.trim(),
    ...troubles,
  ],
  heldMs: 0,
  sampleMs: 0,
  vms: [],
  isBack: troubles.length === 0,
});

/** Finds the drill of a process that is gone, takes it back and keeps it as interrupted. Null: there is none. */
export const recoverDrill = async (history: DrillHistory, tools: RecoverTools): Promise<DrillRecord | null> => {
  const left = history.readRunning();
  if (left === null) return null;
  // After the guards a drill is over whoever has its process id now.
  const overMs = Date.parse(left.at) + left.guardSeconds * 1000 + patienceMs;
  if (tools.isAlive(left.pid) && tools.now().getTime() < overMs) return null;
  const troubles: string[] = [];
  const deadline = performance.now() + connectedMs;
  for (const server of left.servers) {
    const trouble = await giveBackOn(server, tools.end, deadline);
    if (trouble !== null) troubles.push(trouble);
  }
  const record = recordOf(left, tools.now(), troubles);
  history.add(record);
  return record;
};
