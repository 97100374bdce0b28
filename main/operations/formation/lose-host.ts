import { becausePhrase } from '../../../shared/errors/because.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { missedAfter } from '../../../shared/model/loss-times.ts';
import { stopEventText, type LastStop } from '../../../shared/model/last-stop.ts';
import { pause } from '../../system/pause.ts';
import { readNode } from '../plans/read-part.ts';
import type { Server } from '../plans/server.ts';
import type { Check } from './checks.ts';
import {
  clockOf,
  eventsOf,
  firstMachine,
  isLaterBoot,
  isUp,
  keep,
  machineOf,
  moveTo,
  nextFor,
  personMs,
  requireService,
  seeNode,
  seenWords,
  until,
  whereWords,
  type DrillTools,
} from './drills.ts';
import { isSameName } from '../../../shared/model/names.ts';

type Told = Awaited<ReturnType<DrillTools['lastStop']>>;

/** States of a node that is out: a drain only pauses it. */
const gone: readonly string[] = ['down', 'isolated', 'quarantined', 'joining'];

const isAfter = (now: LastStop, before: Told): boolean =>
  'because' in before || isLaterBoot(now.bootedAt, before.bootedAt);

/**
 * Asks a server that came back how it went down, as long as its Quorate may take to start with it. What that Quorate answers, and why it cannot
 * be told, ends the wait as soon as asking again would change nothing.
 */
const untilTold = async (tools: DrillTools, lost: string, server: Server, signal: AbortSignal): Promise<Told> => {
  const deadline = performance.now() + server.patience.restartMs;
  for (;;) {
    const told = await tools.lastStop(lost, signal);
    if (!('because' in told) || told.isFinal || signal.aborted || performance.now() > deadline) return told;
    tools.tell(`Waiting until Quorate on ${lost} tells how it went down`);
    await pause(server.patience.pollMs, signal);
  }
};

/**
 * What the server itself says of its end, as words behind a semicolon. Throws FORM_DRILL_ORDERLY where it was shut down, FORM_DRILL_FAILED
 * where it never lost its power.
 */
const requireLoss = (drill: string, lost: string, before: Told, now: Told): string => {
  if ('because' in now)
    return `whether it lost its power or was shut down, its own log did not tell: ${becausePhrase(now.because)}`;
  if (!isAfter(now, before))
    throw failure('FORM_DRILL_FAILED', {
      drill,
      found: `${lost} left the cluster without losing its power: Windows there has run since ${now.bootedAt}`,
      next: `Take the power from ${lost} when the drill asks for it: neither stop its Cluster Service nor pull its cables.`,
    });
  if (now.how === 'inOrder')
    throw failure('FORM_DRILL_ORDERLY', {
      server: lost,
      found: `Windows on ${lost} was told to shut down (${now.event ? stopEventText(now.event) : 'its log System'})`,
    });
  return now.event
    ? `its own log says that it was not shut down (${stopEventText(now.event)})`
    : 'its own log System says nothing of how it went down';
};

/**
 * Takes the power from a server while it runs the machine, and measures until the machine runs elsewhere: in a rehearsal from then on, with a person from
 * when the server is seen down. Then it comes back. Throws FORM_DRILL_ORDERLY where it was an orderly stop: the machine left before its server
 * went, or the server's own log says so; FORM_DRILL_MISSED where the server was back before it was seen gone, FORM_DRILL_FAILED, CANCELLED.
 */
export const loseHost =
  (tools: DrillTools): Check =>
  (lost, file, signal) =>
    tools.use(async (server) => {
      const drill = `loss of ${lost}`;
      const name = firstMachine(file);
      const home = await readNode(server, signal);
      const seeLost = () => seeNode(server, lost, signal);
      const isBack = async (): Promise<unknown> => {
        if (!tools.hands) tools.tell(`Switch ${lost} on: it is waited for`);
        await tools.hands?.powerOn(lost);
        if (tools.hands) tools.tell(`Waiting until ${lost} is a node again`);
        return until(
          drill,
          server,
          signal,
          seeLost,
          isUp,
          (seen) => `${lost} did not come back; its state is ${seenWords(seen)}`,
          nextFor(
            home,
            `Switch ${lost} on; if it is on, look at its console and start its Cluster Service. Wait until "quorate cluster status" shows it up.`,
          ),
          tools.hands ? undefined : personMs,
        );
      };
      // An earlier try may have ended while it was off.
      const { cluster } = await requireService(server, signal);
      if (!isUp(await seeLost())) await isBack();
      tools.tell(`Moving ${name} to ${lost}`);
      await moveTo(drill, server, name, lost, signal);
      const before = await tools.lastStop(lost, signal);
      tools.tell(tools.hands ? `Taking the power from ${lost}` : `Take the power from ${lost}: it is waited for`);
      const cut = await clockOf(server, signal);
      await tools.hands?.powerOff(lost);
      await until(
        drill,
        server,
        signal,
        async () => {
          // In this order: a machine that was elsewhere before its node was seen up has not left it just now.
          const machine = await machineOf(server, name, signal);
          const seen = await seeLost();
          const isThere = 'state' in seen && !gone.includes(seen.state);
          if (isThere && machine?.state === 'running' && !isSameName(machine.host, lost)) {
            const now = await tools.lastStop(lost, signal);
            // Who comes back between two readings was never seen gone, and nobody could say how long anything took.
            if (!('because' in now) && !('because' in before) && isAfter(now, before) && now.how !== 'inOrder')
              throw failure('FORM_DRILL_MISSED', { drill, server: lost, machine: name, host: machine.host });
            throw failure('FORM_DRILL_ORDERLY', {
              server: lost,
              found: `${name} was on ${machine.host} while ${lost} was ${seen.state}`,
            });
          }
          return seen;
        },
        // A server that sees no cluster has not seen it gone.
        (seen) => 'state' in seen && gone.includes(seen.state),
        (seen) => `${lost} was not seen powered off; its state is ${seenWords(seen)}`,
        nextFor(home, `Be at the power switch of ${lost} when the drill asks for it.`),
        tools.hands ? undefined : personMs,
      );
      tools.tell(`Waiting until ${name} runs on another node`);
      const seenDown = await clockOf(server, signal);
      const elsewhere = await until(
        drill,
        server,
        signal,
        () => machineOf(server, name, signal),
        (machine) => machine !== undefined && !isSameName(machine.host, lost) && machine.state === 'running',
        whereWords,
        `${eventsOf(name)} Switch ${lost} on if it is still off.`,
      );
      const ranAgain = await clockOf(server, signal);
      const tookMs = ranAgain - (tools.hands ? cut : seenDown);
      await isBack();
      const told = requireLoss(drill, lost, before, await untilTold(tools, lost, server, signal));
      keep(tools, 'loseHost', lost, file, tookMs);
      const took = `${name} ran on ${elsewhere?.host ?? 'another node'} ${(tookMs / 1000).toFixed(1)} s after ${lost}`;
      const { seconds, because } = missedAfter(cluster ?? {});
      // A simulated machine starts in no time: of what passes, only what a cluster waits for is modelled.
      return tools.hands
        ? `${took} lost its power, ${seconds} s of it without heartbeats (${because}), and ${lost} is a node again; how long Windows takes to start a machine is not simulated; ${told}`
        : `${took} was seen down, and ${lost} is a node again; before that the cluster missed it, after ${seconds} s without heartbeats (${because}); ${told}`;
    });
