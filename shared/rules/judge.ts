import { asClause } from '../model/sentence.ts';
import type { CheckResult } from '../model/check.ts';
import { addUp, type Verdict } from '../model/outcome.ts';
import { valueOf } from '../model/fact.ts';
import type { HostFacts } from '../model/facts.ts';
import type { ReadinessReport, ReportMachine } from '../model/readiness-report.ts';
import { windowsServerTitle, type WindowsServer } from '../model/windows-server.ts';
import { distinctMachineNames, factsOrigin } from './facts-origin.ts';
import { catalogAddress, catalogLookUp } from './host-catalog.ts';
import { readinessRules } from './index.ts';
import { osProfiles } from './os-profiles.ts';
import { runningServer } from './os-version.ts';
import { runRule } from './rule.ts';

/** A report without what only a host can add: the tool's version, the time of the judgement and the digest. */
export type Judgement = Omit<ReadinessReport, 'digest' | 'tool' | 'at' | 'schema'>;

const describeProcessors = (facts: HostFacts): string | null => {
  const processors = valueOf(facts.processors);
  if (!processors) return null;
  const names = processors.map((processor) => valueOf(processor.name) ?? 'a processor without a name');
  return [...new Set(names)].map((name) => `${names.filter((other) => other === name).length} x ${name}`).join(', ');
};

const describeMachine = (facts: HostFacts): ReportMachine => {
  const names = distinctMachineNames(facts);
  const firmware = [
    valueOf(facts.firmware.vendor),
    valueOf(facts.firmware.version),
    valueOf(facts.firmware.releaseDate),
  ];
  const version = valueOf(facts.os.version);
  const caption = valueOf(facts.os.caption);
  return {
    name: names.length > 1 ? names.join(', ') : (valueOf(facts.machine.name) ?? names[0] ?? null),
    manufacturer: valueOf(facts.machine.manufacturer) ?? null,
    model: valueOf(facts.machine.model) ?? null,
    serialNumber: valueOf(facts.machine.serialNumber) ?? null,
    firmware: firmware.filter((part) => part !== undefined).join(' ') || null,
    operatingSystem: caption ?? (version === undefined ? null : version),
    processors: describeProcessors(facts),
  };
};

const reasonOf = (check: CheckResult): string =>
  check.outcome === 'unknown'
    ? `"${check.title}": ${asClause((check.because ?? check.observed).replace(/\.+$/, ''))}`
    : check.observed;

const joinReasons = (checks: readonly CheckResult[]): string => {
  const first = checks[0];
  if (!first) return '';
  const more = checks.length - 1;
  const reason = reasonOf(first).replace(/\.+$/, '');
  return more === 0 ? `${reason}.` : `${reason}; and ${more} more.`;
};

/** The verdict as one sentence that a person reads first. */
export const verdictSentence = (
  verdict: Verdict,
  scope: ReadinessReport['scope'],
  judgedFor: WindowsServer,
  checks: readonly CheckResult[],
): string => {
  const critical = checks.filter((check) => check.severity === 'critical');
  const title = windowsServerTitle(judgedFor);
  const aside = scope === 'hardware' ? ' This covers the hardware only, because the machine does not run Windows.' : '';
  const subject = scope === 'hardware' ? 'This hardware' : 'This server';
  if (verdict === 'notReady') {
    const failed = critical.filter((check) => check.outcome === 'fail');
    return `${subject} cannot be a Hyper-V cluster node with ${title}: ${joinReasons(failed)}${aside}`;
  }
  if (verdict === 'unknown') {
    const open = critical.filter((check) => check.outcome === 'unknown');
    const count = open.length === 1 ? 'one thing is' : `${open.length} things are`;
    return `Not known yet whether ${subject.toLowerCase()} can be a Hyper-V cluster node with ${title}: ${count} left to prove, first ${joinReasons(open.slice(0, 1))}${aside}`;
  }
  const open = checks.filter((check) => check.outcome === 'fail' || check.outcome === 'unknown').length;
  const also = open === 0 ? '' : ` ${open === 1 ? 'One more thing needs' : `${open} more things need`} attention.`;
  return `${subject} can be a Hyper-V cluster node with ${title}.${also}${aside}`;
};

/**
 * Judges facts for one release of Windows Server. Pure: the same facts give the same judgement, and nothing is read.
 * @param chosen the release that the user chose; without it the one that runs there, elsewhere 2025
 */
export const judgeReadiness = (facts: HostFacts, chosen?: WindowsServer): Judgement => {
  const running = runningServer(facts);
  const judgedFor = chosen ?? running ?? '2025';
  const profile = osProfiles[judgedFor];
  const machine = describeMachine(facts);
  const target = machine.name ?? 'this machine';
  const rules = distinctMachineNames(facts).length > 1 ? [...readinessRules, factsOrigin] : readinessRules;
  const checks = rules.map((rule) => runRule(rule, { facts, profile }, target, facts.collectedAt));
  const verdict = addUp(checks);
  const scope = facts.platform === 'linux' ? 'hardware' : 'server';
  return {
    machine,
    judgedFor,
    judgedForBecause: chosen !== undefined ? 'chosen' : running ? 'running' : 'default',
    scope,
    verdict,
    sentence: verdictSentence(verdict, scope, judgedFor, checks),
    checks,
    catalog: { address: catalogAddress, lookUp: catalogLookUp(facts) },
    facts,
  };
};
