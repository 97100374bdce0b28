import type { QualificationReport } from '../../../shared/model/qualification.ts';

type Figure = string | number | boolean | undefined;

const figureOf = (report: QualificationReport, caseId: string, name: string): Figure =>
  report.cases.find(({ id }) => id === caseId)?.figures[name];

/** The few figures that somebody compares between targets; the JSON report has all of them. */
export const keyFigures = (report: QualificationReport): string[] => {
  const p99 = figureOf(report, 'Behaviour.Latency.Percentiles', 'p99Ms');
  const reconnect = figureOf(report, 'Behaviour.Reconnect.InTime', 'reconnectMs');
  const capacity = 'Reservations.Registrations.Capacity';
  const registered = figureOf(report, capacity, 'registered');
  return [
    ...(p99 === undefined ? [] : [`reads of 4 KiB p99 ${String(p99)} ms`]),
    ...(reconnect === undefined ? [] : [`reconnect ${String(reconnect)} ms`]),
    ...(registered === undefined
      ? []
      : [`${String(registered)} of ${String(figureOf(report, capacity, 'wanted') ?? '?')} registrations`]),
  ];
};

const strangersCase = 'Reservations.Preconditions.NobodyElse';

/** What to do with the verdict, in one sentence or two. */
export const nextStepOf = (report: QualificationReport): string => {
  if (report.verdict === 'notQualified')
    return 'take what failed to the vendor of the target; --report FILE.html writes it with every step. A LUN of another target can be asked the same.';
  if (report.verdict === 'qualified')
    return 'run the same on the other nodes with --report FILE.json, then put the files side by side with "quorate iscsi compare".';
  const isTaken = report.cases.some(({ id, verdict }) => id === strangersCase && verdict !== 'passed');
  if (isTaken)
    return 'find out who uses this LUN. Keys of a run of Quorate are removed where it ran, with "quorate iscsi reservations clear-mine"; nodes of its own cluster are named with --cluster-node IQN; for anything else choose another LUN, or remove the keys on the target if nobody needs them.';
  if (!report.allowed.reservations)
    return 'run it again with --allow-reservations if nobody uses this LUN: hosts that write to it without a key are refused meanwhile, and every own key is removed at the end.';
  return 'see above what was not proven and why, fix that, then run it again.';
};
