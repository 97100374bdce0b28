import { setTimeout } from 'node:timers/promises';
import { IscsiError, scsi } from '../../iscsi/index.ts';
import type { CaseDefinition } from '../runner/case.ts';
import { describeBreak, failed, failedInSilence, inconclusive } from '../runner/not-passed.ts';
import { describeOutcome } from '../runner/remove-key.ts';
import { Standstill } from '../runner/standstill.ts';
import { describePercentiles, percentile, rounded } from './percentiles.ts';
import { sources } from './sources.ts';

/** Windows holds requests of a broken session this long before the disk counts as gone. */
const reconnectLimitMs = 60_000;
/** Between two attempts to log on again. */
const reconnectPauseMs = 250;
const latencyReads = 100;
/** So many are enough where none of them took so long that more have to be looked at. */
const fewLatencyReads = 40;
/** Our own limit of a usable disk: the slowest of a hundred small reads. */
const latencyLimitMs = 1_000;
/** A read that takes longer makes the whole sample necessary. */
const latencyDoubtMs = latencyLimitMs / 20;

/** How the target behaves under what a cluster does to it; nothing here changes anything on the logical unit. */
export const behaviourCases: readonly CaseDefinition[] = [
  {
    id: 'Behaviour.Concurrency.SeveralInitiators',
    title: 'Several initiators use the logical unit at once',
    required: true,
    needs: 'nothing',
    meaning: 'The second node does not see the disk at all.',
    askVendor: 'Ask for access of several initiators to one logical unit, often called shared or cluster access.',
    source: sources.requirements,
    run: async (laboratory, figures) => {
      const { blockSizeBytes } = laboratory.needUnit();
      if (blockSizeBytes === null) throw inconclusive('the block size is not known');
      const { spares } = laboratory.ports;
      const all = [laboratory.a, laboratory.b, spares.A, spares.B];
      figures['sessions'] = all.length;
      const answers = await Promise.all(
        all.flatMap((nexus) =>
          Array.from({ length: 8 }, (_, at) =>
            scsi.read(nexus, laboratory.lun, { firstBlock: BigInt(at), blocks: 1 }, blockSizeBytes, {
              signal: laboratory.settings.signal,
            }),
          ),
        ),
      );
      const text = `Read 8 blocks over each of ${all.length} sessions at once`;
      for (const answer of answers) await laboratory.heed(answer, text);
      const refused = answers.filter(({ ok }) => !ok);
      const [first] = refused;
      laboratory.note(text, `${answers.length - refused.length} of ${answers.length} GOOD`, first === undefined);
      if (first === undefined) return;
      if (refused.length === answers.length) {
        const alone = await laboratory.ask(laboratory.a, 'Read block 0 over one session alone', (on) =>
          scsi.read(on, laboratory.lun, { firstBlock: 0n, blocks: 1 }, blockSizeBytes),
        );
        if (!alone.ok)
          throw inconclusive(`a read over one session alone is refused as well: ${describeOutcome(alone)}`);
      }
      throw failed(
        `${refused.length} of ${answers.length} reads at the same time were not answered with GOOD, the first of them with ${describeOutcome(first)}`,
      );
    },
  },
  {
    id: 'Behaviour.Reconnect.InTime',
    title: 'After a cut connection the session is back in time',
    required: true,
    needs: 'nothing',
    meaning: 'A short break of the network costs the node its disks.',
    askVendor:
      'Ask how long the target keeps a session whose connection is gone, and whether it reinstates it at once.',
    source: sources.holdTime,
    run: async (laboratory, figures) => {
      const nexus = laboratory.a;
      // A conversation that does not work is not the reconnect's fault.
      await laboratory.need(nexus, 'TEST UNIT READY before the cut', (on) => scsi.testUnitReady(on, laboratory.lun));
      const begun = performance.now();
      nexus.cut();
      laboratory.note('Cut the connection without a logout');
      let isBack = false;
      while (!isBack) {
        try {
          await laboratory.need(nexus, 'Log on again under the same name and ISID; TEST UNIT READY', (on) =>
            scsi.testUnitReady(on, laboratory.lun),
          );
          isBack = true;
        } catch (error) {
          if (!(error instanceof IscsiError) || laboratory.settings.signal.aborted) throw error;
          nexus.cut();
          if (performance.now() - begun > reconnectLimitMs)
            throw failedInSilence(
              `after ${reconnectLimitMs / 1000} seconds the session is not back: ${describeBreak(error)}`,
            );
          await setTimeout(reconnectPauseMs, undefined, { signal: laboratory.settings.signal });
        }
      }
      const tookMs = rounded(performance.now() - begun);
      figures['reconnectMs'] = tookMs;
      figures['limitMs'] = reconnectLimitMs;
      if (tookMs > reconnectLimitMs)
        throw failed(`the session was back after ${Math.round(tookMs)} ms; Windows waits ${reconnectLimitMs} ms`);
    },
  },
  {
    id: 'Behaviour.Latency.Percentiles',
    title: 'Small reads are answered quickly enough',
    required: true,
    needs: 'nothing',
    meaning: 'Virtual machines stall, and health checks of the disk run into their deadline.',
    askVendor: 'Ask about the load of the array, its cache, and the path between.',
    source: sources.own,
    run: async (laboratory, figures) => {
      const { sizeBytes, blockSizeBytes } = laboratory.needUnit();
      if (sizeBytes === null || blockSizeBytes === null)
        throw inconclusive('the size of the logical unit is not known');
      const blocks = Math.max(1, Math.floor(4096 / blockSizeBytes));
      const span = BigInt(sizeBytes) / BigInt(blockSizeBytes) - BigInt(blocks);
      const times: number[] = [];
      let next = 0;
      let isDoubtful = false;
      const standstill = new Standstill();
      // Each initiator one read at a time, both at once, as two nodes do.
      const readAs = async (nexus: typeof laboratory.a): Promise<void> => {
        for (let at = next++; at < (isDoubtful ? latencyReads : fewLatencyReads); at = next++) {
          const firstBlock = span > 0n ? (span * BigInt((at * 7919) % latencyReads)) / BigInt(latencyReads) : 0n;
          const stoodStillMs = standstill.totalMs();
          const begun = performance.now();
          const outcome = await scsi.read(nexus, laboratory.lun, { firstBlock, blocks }, blockSizeBytes, {
            signal: laboratory.settings.signal,
          });
          // While this machine stood still no answer could be late.
          const tookMs = performance.now() - begun - (standstill.totalMs() - stoodStillMs);
          times.push(tookMs);
          isDoubtful ||= tookMs > latencyDoubtMs;
          if (outcome.ok) {
            // A slow disk shows itself soon; there is no need to wait for all of its reads.
            if (at >= 4 && times.reduce((sum, time) => sum + time, 0) > 5_000) return;
            continue;
          }
          await laboratory.heed(outcome, 'Read 4 KiB, one at a time', nexus);
          throw failed(`reading block ${firstBlock} was refused: it was answered with ${describeOutcome(outcome)}`);
        }
      };
      try {
        await Promise.all([readAs(laboratory.a), readAs(laboratory.b)]);
      } finally {
        standstill.end();
      }
      times.sort((left, right) => left - right);
      Object.assign(figures, {
        reads: times.length,
        ...describePercentiles(times),
        limitP99Ms: latencyLimitMs,
      });
      laboratory.note(
        `Read 4 KiB ${times.length} times, each initiator one at a time`,
        `p50 ${rounded(percentile(times, 0.5))} ms, p99 ${rounded(percentile(times, 0.99))} ms`,
        percentile(times, 0.99) <= latencyLimitMs,
      );
      if (percentile(times, 0.99) > latencyLimitMs)
        throw failed(
          `one read in a hundred takes ${Math.round(percentile(times, 0.99))} ms or longer; ${latencyLimitMs} ms is the limit`,
        );
    },
  },
  {
    id: 'Behaviour.Latency.Reservations',
    title: 'How quickly reservation commands are answered',
    required: false,
    needs: 'reservations',
    meaning:
      'Arbitration for a disk takes longer; a cluster with many disks sends many of these commands at a failover.',
    askVendor: 'Ask how the controllers agree about a reservation, and how long that takes.',
    source: sources.own,
    run: async (laboratory, figures) => {
      // Nothing is sent for it: every PERSISTENT RESERVE OUT of the cases before was timed.
      const times = [...laboratory.reserveOutMs].sort((left, right) => left - right);
      if (times.length === 0) throw inconclusive('no PERSISTENT RESERVE OUT was sent before');
      Object.assign(figures, { commands: times.length, ...describePercentiles(times) });
    },
  },
];
