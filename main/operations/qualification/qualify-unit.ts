import type * as z from 'zod';
import type { qualifyInputSchema } from '../../../shared/contract/iscsi.ts';
import type { Progress } from '../../../shared/contract/define.ts';
import { cancelled, failure } from '../../../shared/errors/failure.ts';
import type { QualificationReport } from '../../../shared/model/qualification.ts';
import {
  formatPortal,
  LunAddresses,
  lunFromNumber,
  openSession,
  parseIscsiName,
  parsePortal,
} from '../../iscsi/index.ts';
import { describeUnit, qualify, selectCases, type KeyNotes } from '../../qualify/index.ts';
import { toReach, type ThisServer } from './access.ts';
import { withIscsiFailures } from './iscsi-failure.ts';
import { needCases } from './list-cases.ts';
import { findNumber } from './list-units.ts';
import { needOtherPortals } from './other-portals.ts';
import { qualificationDigestOf } from './qualification-digest.ts';

export interface QualifyPorts {
  readonly server: ThisServer;
  readonly notes: KeyNotes;
  readonly machine: string;
  readonly version: string;
  readonly now: () => Date;
}

type QualifyInput = z.output<typeof qualifyInputSchema>;

/**
 * What cannot be meant, before anything is sent: a typing mistake shall not show itself in the middle of a run, and leave to lose
 * data is never half given.
 */
const checkInput = (input: QualifyInput, initiator: string): void => {
  const { lun, serial, allowDataLoss, allowReservations } = input;
  const isSerialGiven = serial !== undefined && serial.trim() !== '';
  if (allowDataLoss && !isSerialGiven) throw failure('QUALIFY_SERIAL_NEEDED', { lun });
  if (serial !== undefined && !allowDataLoss) throw failure('QUALIFY_SERIAL_WITHOUT_DATA_LOSS', { lun });
  if (allowDataLoss && !allowReservations) throw failure('QUALIFY_DATA_LOSS_WITHOUT_RESERVATIONS', { lun });
  const portals = [input, ...input.otherPortals].map(({ portal }) => formatPortal(parsePortal(portal)).toLowerCase());
  const twice = portals.find((portal, at) => portals.indexOf(portal) !== at);
  if (twice !== undefined) throw failure('QUALIFY_PORTAL_TWICE', { portal: twice });
  for (const name of [initiator, ...(input.secondInitiator ? [input.secondInitiator] : []), ...input.clusterInitiators])
    parseIscsiName(name);
};

/** Learns in which form the target lists the LUN; true where it is another one than the usual. */
const learnForm = async (
  input: QualifyInput,
  initiatorName: string,
  lunAddresses: LunAddresses,
  signal: AbortSignal,
): Promise<boolean> => {
  const session = await openSession({ ...toReach(input), initiatorName, target: input.target, lunAddresses, signal });
  try {
    await findNumber(session, input.lun, signal);
    const usual = lunFromNumber(input.lun);
    return lunAddresses.toSend(usual) !== usual;
  } finally {
    await session.close();
  }
};

/** Data may be lost only where the serial number that the user typed is the device's own. */
const checkSerial = async (
  input: QualifyInput,
  initiatorName: string,
  lunAddresses: LunAddresses,
  signal: AbortSignal,
): Promise<void> => {
  if (!input.allowDataLoss) return;
  const session = await openSession({ ...toReach(input), initiatorName, target: input.target, lunAddresses, signal });
  try {
    const unit = await describeUnit(session, input.lun, signal);
    if (!unit)
      throw failure('QUALIFY_LUN_NOT_THERE', {
        portal: input.portal,
        target: input.target,
        lun: input.lun,
        initiator: initiatorName,
      });
    const serial = unit.serial ?? unit.identity;
    if (serial === null) throw failure('QUALIFY_LUN_NAMELESS', { lun: input.lun });
    const given = input.serial?.trim() ?? '';
    if (given !== serial) throw failure('QUALIFY_SERIAL_DIFFERS', { given, lun: input.lun });
  } finally {
    await session.close();
  }
};

/** A second name beside the first one; eui. and naa. names have no room for one, and a name has at most 223 bytes. */
const nameSecond = (first: string): string =>
  first.startsWith('iqn.') && Buffer.byteLength(first) <= 216 ? `${first}.second` : first;

/**
 * Qualifies a logical unit: read-only unless reservations are allowed, and written only where it is blank or its user gave
 * its serial number. Progress carries each step and each case's result in `data`.
 */
export const qualifyUnit = async (
  input: QualifyInput,
  ports: QualifyPorts,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: (progress: Progress) => void },
): Promise<QualificationReport> => {
  needCases(input.cases);
  const initiator = input.initiator ?? (await ports.server.ownName(signal));
  const begun = performance.now();
  let doing = 'Logging on';
  let share = { done: 0, total: selectCases(input.cases).length };
  const outcome = await withIscsiFailures('The qualification', { input, server: ports.server, signal }, async () => {
    checkInput(input, initiator);
    await needOtherPortals(input, ports.server, signal);
    const lunAddresses = new LunAddresses();
    if (input.lun > 255) await learnForm(input, initiator, lunAddresses, signal);
    await checkSerial(input, initiator, lunAddresses, signal);
    const run = (): ReturnType<typeof qualify> =>
      qualify({
        access: { ...toReach(input), target: input.target, lunAddresses },
        otherPaths: input.otherPortals.map(({ portal, sourceIp }) => ({ portal, sourceAddress: sourceIp })),
        target: input.target,
        lun: input.lun,
        purpose: input.purpose,
        nodes: input.nodes,
        paths: input.paths,
        allowReservations: input.allowReservations,
        allowDataLoss: input.allowDataLoss,
        initiatorA: initiator,
        initiatorB: input.secondInitiator ?? nameSecond(initiator),
        sameNameBecause: input.secondInitiator === undefined ? 'impossible' : 'chosen',
        clusterInitiators: input.clusterInitiators,
        findOwnInitiator: () => ports.server.ownName(signal).catch(() => null),
        notes: ports.notes,
        now: ports.now,
        signal,
        cases: input.cases,
        machine: ports.machine,
        toolVersion: ports.version,
        isRehearsal: false,
        onProgress: (event) => {
          if (event.kind === 'begin') doing = event.title;
          else if (event.kind === 'cleanUp') doing = 'Removing own keys';
          if (event.kind !== 'step') share = { done: event.done, total: event.total };
          const leftMs =
            share.done >= 5
              ? Math.round(((performance.now() - begun) / share.done) * (share.total - share.done))
              : null;
          progress({ doing, ...share, leftMs, data: event });
        },
      });
    const first = await run();
    // Some targets list even small numbers in another form than the usual one, and know no other.
    const isListedOtherwise =
      first.kind === 'noSuchLun' && input.lun <= 255 && (await learnForm(input, initiator, lunAddresses, signal));
    return isListedOtherwise ? run() : first;
  });
  if (outcome.kind === 'noSuchLun')
    throw failure('QUALIFY_LUN_NOT_THERE', { portal: input.portal, target: input.target, lun: input.lun, initiator });
  if (outcome.kind === 'unreadable')
    throw failure('QUALIFY_LUN_UNREADABLE', { target: input.target, lun: input.lun, reason: outcome.reason });
  if (outcome.kind === 'report') return { ...outcome.report, digest: qualificationDigestOf(outcome.report) };
  const { leftBehind } = outcome;
  if (leftBehind.length === 0) throw cancelled('The qualification');
  throw failure(
    'CANCELLED',
    { what: 'The qualification' },
    { effect: 'partial', cause: failure('QUALIFY_KEYS_LEFT', { left: leftBehind.join(' ') }) },
  );
};
