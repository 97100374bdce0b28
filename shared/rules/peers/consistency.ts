import {
  consistencyOutcomes,
  type Consistency,
  type ConsistencyOutcome,
  type ConsistencyRow,
  type ServerFacts,
} from '../../model/consistency.ts';
import { whyUnread } from '../../model/observed.ts';
import { skewOf } from '../../model/version-skew.ts';
import { alikeRows, told, uniqueRows, untold, type AlikeRow, type Cell, type UniqueRow } from './rows.ts';

/** A clock against the clock of the server that asked: its own is 0, give or take 0. */
export interface ClockOffset {
  readonly offsetMs: number;
  readonly toleranceMs: number;
}

export interface ComparedServer {
  readonly id: string;
  readonly name: string;
  /** Null with the reason where it told nothing. */
  readonly facts: ServerFacts | null;
  readonly because: string | null;
  /** Null: not measured. */
  readonly clock: ClockOffset | null;
  /** Of its Quorate; null: not told. */
  readonly quorateVersion: string | null;
}

const cellOf = (server: ComparedServer, read: (facts: ServerFacts) => Cell): Cell =>
  server.facts ? read(server.facts) : untold(server.because ?? 'it gave no answer');

const row = (
  { id, title, source }: Pick<AlikeRow, 'id' | 'title' | 'source'>,
  cells: readonly Cell[],
  outcome: ConsistencyOutcome,
  text: string,
  next: string | null,
): ConsistencyRow => ({ id, title, source, cells: [...cells], outcome, text, next });

const namesOf = (servers: readonly ComparedServer[], cells: readonly Cell[]): string =>
  servers
    .filter((_, at) => cells[at]?.value === null)
    .map(({ name }) => name)
    .join(', ');

const unknownRow = (
  rule: Pick<AlikeRow, 'id' | 'title' | 'source'>,
  servers: readonly ComparedServer[],
  cells: readonly Cell[],
): ConsistencyRow =>
  row(
    rule,
    cells,
    'unknown',
    `Not known for ${namesOf(servers, cells)}.`,
    'Run Quorate there, paired and connected, or compare its facts from a file.',
  );

/** Two known values that differ are a difference even while a third is not known. */
const judgeAlike = (rule: AlikeRow, servers: readonly ComparedServer[]): ConsistencyRow => {
  const cells = servers.map((server) => cellOf(server, rule.read));
  const values = new Set(cells.flatMap(({ value }) => (value === null ? [] : [value])));
  if (values.size > 1) return row(rule, cells, rule.ifDifferent, `Different. ${rule.means}`, rule.next);
  if (cells.some(({ value }) => value === null)) return unknownRow(rule, servers, cells);
  return row(rule, cells, 'pass', 'The same on all servers.', null);
};

const judgeUnique = (rule: UniqueRow, servers: readonly ComparedServer[]): ConsistencyRow => {
  const read = servers.map(({ facts, because }) => (facts ? rule.read(facts) : (because ?? 'it gave no answer')));
  const cells = read.map((values) => (typeof values === 'string' ? untold(values) : told(values.join(', ') || 'none')));
  const holders = new Map<string, Set<number>>();
  read.forEach((values, at) => {
    if (typeof values !== 'string')
      for (const value of values) holders.set(value, (holders.get(value) ?? new Set()).add(at));
  });
  const shared = [...holders].filter(([, at]) => at.size > 1);
  if (shared.length > 0) {
    const who = shared.map(([value, at]) => `${[...at].map((one) => servers[one]!.name).join(' and ')} (${value})`);
    return row(rule, cells, 'fail', `On ${who.join('; ')} ${rule.means}.`, rule.next);
  }
  if (cells.some(({ value }) => value === null)) return unknownRow(rule, servers, cells);
  return row(rule, cells, 'pass', 'Different on all servers, as it has to be.', null);
};

/** Kerberos accepts five minutes. A fifth of it is our own line for a warning. */
const clockLimits = { failMs: 300_000, warnMs: 60_000 };

const judgeClock = (servers: readonly ComparedServer[]): ConsistencyRow => {
  const rule = {
    id: 'clock',
    title: 'Clock',
    source: 'Microsoft, Maximum tolerance for computer clock synchronization (Kerberos policy, 5 minutes)',
  };
  const cells = servers.map(({ clock }) =>
    clock
      ? told(`${(clock.offsetMs / 1000).toFixed(3)} s ± ${(clock.toleranceMs / 1000).toFixed(3)} s`)
      : untold('its clock was not measured: that takes a connection to the server'),
  );
  const known = servers.flatMap(({ clock }) => (clock ? [clock] : []));
  // What lies within the tolerance of the measurement is no difference that was seen.
  const apart = Math.max(
    0,
    Math.max(...known.map((one) => one.offsetMs - one.toleranceMs)) -
      Math.min(...known.map((one) => one.offsetMs + one.toleranceMs)),
  );
  const text = `The clocks are at least ${(apart / 1000).toFixed(1)} s apart.`;
  const next = 'Let all servers take their time from the same source: "quorate host time".';
  if (known.length > 1 && apart > clockLimits.failMs)
    return row(rule, cells, 'fail', `${text} Kerberos accepts 5 minutes.`, next);
  if (known.length > 1 && apart > clockLimits.warnMs) return row(rule, cells, 'warn', text, next);
  if (known.length < servers.length) return unknownRow(rule, servers, cells);
  return row(rule, cells, 'pass', 'The clocks agree.', null);
};

/**
 * How the Quorates stand to each other: each plans its own steps, so what they come to from one cluster file has to be the same. Null where nobody told a
 * version: files of facts come from no Quorate that would take part.
 */
const judgeVersions = (servers: readonly ComparedServer[]): ConsistencyRow | null => {
  const rule = {
    id: 'quorate.version',
    title: 'Version of Quorate',
    source: 'Semantic Versioning 2.0.0, clauses 6 to 8: a patch only repairs; a minor or major version adds or changes',
  };
  const versions = [...new Set(servers.flatMap(({ quorateVersion: told }) => told ?? []))];
  if (versions.length === 0) return null;
  const cells = servers.map(({ quorateVersion, because }) =>
    quorateVersion === null ? untold(because ?? 'its Quorate does not tell its version') : told(quorateVersion),
  );
  const skews = versions.flatMap((one, at) => versions.slice(at + 1).map((other) => skewOf(one, other)));
  const next = 'Update the older ones: "quorate update FILE" on each server. End a running formation first.';
  if (skews.includes('unlike'))
    return row(
      rule,
      cells,
      'fail',
      'Different. They may plan different steps from one cluster file, so they form no cluster together.',
      next,
    );
  if (skews.includes('unknown'))
    return row(rule, cells, 'unknown', 'Different, and it cannot be told which is newer.', next);
  if (cells.some(({ value }) => value === null)) return unknownRow(rule, servers, cells);
  if (skews.includes('alike'))
    return row(rule, cells, 'warn', 'Only the patch versions differ: they plan the same steps.', next);
  return row(rule, cells, 'pass', 'The same on all servers.', null);
};

const judgeRestart = (servers: readonly ComparedServer[]): ConsistencyRow => {
  const rule = {
    id: 'restart',
    title: 'Pending restart',
    source: 'Microsoft, registry keys of Component Based Servicing, Windows Update and Session Manager',
  };
  const cells = servers.map((server) =>
    cellOf(server, ({ facts }) => {
      const pending = facts.os.pendingReboot;
      return pending.known ? told(pending.value.join(', ') || 'none') : untold(pending.because);
    }),
  );
  const waiting = servers.filter((_, at) => ![null, 'none'].includes(cells[at]!.value)).map(({ name }) => name);
  if (waiting.length > 0)
    return row(
      rule,
      cells,
      'warn',
      `A restart is pending on ${waiting.join(', ')}.`,
      'Restart before forming the cluster.',
    );
  if (cells.some(({ value }) => value === null)) return unknownRow(rule, servers, cells);
  return row(rule, cells, 'pass', 'No restart is pending.', null);
};

/** The same device with different drivers; devices that only one server has are no difference. */
const judgeDrivers = (servers: readonly ComparedServer[]): ConsistencyRow => {
  const rule = {
    id: 'nic.drivers',
    title: 'Drivers of the network adapters',
    source:
      'Microsoft, Failover clustering hardware requirements and storage options (identical network adapters and drivers)',
  };
  const driversOf = (facts: ServerFacts): readonly (readonly [string, string])[] | null =>
    facts.nics?.flatMap(({ isHardware, description, driverVersion }) =>
      // Windows numbers adapters of one kind: "Intel(R) I350 #2".
      isHardware && driverVersion !== null ? [[description.replace(/ #\d+$/, ''), driverVersion] as const] : [],
    ) ?? null;
  const cells = servers.map((server) =>
    cellOf(server, (facts) => {
      const drivers = driversOf(facts);
      if (!drivers) return untold(whyUnread(facts, 'nics') ?? 'the adapters were not read');
      return told([...new Set(drivers.map(([device, version]) => `${device} ${version}`))].sort().join(', ') || 'none');
    }),
  );
  const versions = new Map<string, Set<string>>();
  for (const { facts } of servers)
    for (const [device, version] of (facts && driversOf(facts)) ?? [])
      versions.set(device, (versions.get(device) ?? new Set()).add(version));
  const mixed = [...versions].filter(([, found]) => found.size > 1).map(([device]) => device);
  if (mixed.length > 0)
    return row(
      rule,
      cells,
      'warn',
      `Different driver versions for ${mixed.join(', ')}.`,
      'Install the same driver on every server.',
    );
  if (cells.some(({ value }) => value === null)) return unknownRow(rule, servers, cells);
  return row(rule, cells, 'pass', 'No device has different drivers.', null);
};

const badness: readonly ConsistencyOutcome[] = ['fail', 'unknown', 'warn', 'pass'];

const sentences: Readonly<Record<ConsistencyOutcome, (titles: string, count: number) => string>> = {
  fail: (titles, count) => `${count === 1 ? 'One thing has' : `${count} things have`} to be corrected: ${titles}.`,
  unknown: (titles, count) =>
    `Not known yet whether the servers fit together: ${titles} ${count === 1 ? 'is' : 'are'} not known of all.`,
  warn: (titles, count) =>
    `The servers fit together. ${count === 1 ? 'One thing needs' : `${count} things need`} attention: ${titles}.`,
  pass: () => 'The servers fit together.',
};

/**
 * Puts two or more servers side by side, differences first: what fails, then warnings, then what is not known. Pure; nothing that was
 * not read counts as the same.
 */
export const judgeConsistency = (servers: readonly ComparedServer[], at: string): Consistency => {
  const rows = [
    ...alikeRows.map((rule) => judgeAlike(rule, servers)),
    ...uniqueRows.map((rule) => judgeUnique(rule, servers)),
    ...[judgeVersions(servers)].filter((found) => found !== null),
    judgeClock(servers),
    judgeRestart(servers),
    judgeDrivers(servers),
  ];
  const outcome = badness.find((one) => rows.some((found) => found.outcome === one)) ?? 'pass';
  const worst = rows.filter((found) => found.outcome === outcome);
  return {
    schema: 'quorate.consistency/1',
    at,
    servers: servers.map(({ id, name, because }) => ({ id, name, because })),
    outcome,
    sentence: sentences[outcome](worst.map(({ title }) => title).join(', '), worst.length),
    rows: consistencyOutcomes.flatMap((one) => rows.filter((found) => found.outcome === one)),
  };
};
