import {
  lunOutcomes,
  lunVerdicts,
  type LunCell,
  type LunMap,
  type LunOutcome,
  type LunRow,
  type SeenLuns,
  type SeenPath,
  type SeenUnit,
} from '../../model/lun-map.ts';
import { formatSize } from '../../model/size.ts';

/** A server whose logical units are compared. */
export interface SeeingServer {
  readonly id: string;
  readonly name: string;
  /** Null with the reason where it told nothing. */
  readonly seen: SeenLuns | null;
  readonly because: string | null;
}

/** One unit over one path of one server. */
interface Sight {
  readonly at: number;
  readonly path: SeenPath;
  readonly unit: SeenUnit;
}

/** What is wrong with a row beside who sees it; the first is the worst. */
interface Difference {
  readonly outcome: 'fail' | 'warn';
  readonly text: string;
  readonly next: string;
}

const source =
  'SPC-4 section 7.8.6 (Device Identification VPD page); Microsoft KB2914974; Microsoft, Test-Cluster, storage tests: Validate SCSI Device Vital Product Data (VPD)';

/** Buses whose disks may lie in one server alone; a disk that only one server shows over them is its own. */
const isSharedBySight = ({ path }: Sight): boolean => path.bus === 'iscsi' || path.bus === 'fibreChannel';

const plainSerial = (serial: string | null): string | null => serial?.trim().toLowerCase() || null;

const pathText = ({ target, portal, bus }: SeenPath): string => target ?? portal ?? bus;

/** A unit without an identity can only be told by what a target calls it. */
const keyOf = ({ path, unit }: Sight): string =>
  unit.identity ??
  `\0${path.target ?? ''}\0${unit.lun ?? ''}\0${unit.lun === null ? (plainSerial(unit.serial) ?? '') : ''}`;

const groupBy = <Key, Value>(values: readonly Value[], key: (value: Value) => Key | null): Map<Key, Value[]> => {
  const groups = new Map<Key, Value[]>();
  for (const value of values) {
    const of = key(value);
    if (of === null) continue;
    const group = groups.get(of);
    if (group) group.push(value);
    else groups.set(of, [value]);
  }
  return groups;
};

/** `A on NODE1 and NODE2, B on NODE3`; null where all say the same. What says nothing is passed over. */
const disagreement = (
  sights: readonly Sight[],
  servers: readonly SeeingServer[],
  read: (sight: Sight) => string | null,
): string | null => {
  const values = groupBy(sights, read);
  if (values.size < 2) return null;
  return [...values]
    .map(([value, seen]) => `${value} on ${[...new Set(seen.map(({ at }) => servers[at]!.name))].join(' and ')}`)
    .join(', ');
};

/** One number of one target that is not one unit. */
const numberDifferences = (sights: readonly Sight[], servers: readonly SeeingServer[]): Map<string, Difference> => {
  const found = new Map<string, Difference>();
  const byNumber = groupBy(sights, ({ path, unit }) =>
    path.target === null || unit.lun === null ? null : `LUN ${unit.lun} of ${path.target}`,
  );
  for (const [number, seen] of byNumber) {
    const who = disagreement(seen, servers, ({ unit }) => unit.identity ?? 'a unit without identity');
    if (who === null) continue;
    for (const sight of seen)
      found.set(keyOf(sight), {
        outcome: 'fail',
        text: `${number} is ${who}: the nodes would take two units for one disk, and what one writes the other never reads.`,
        next: 'Map the same unit under this number to every server at the target, then compare again.',
      });
  }
  return found;
};

/** One serial number that is one unit here and another one there. */
const serialDifferences = (sights: readonly Sight[], servers: readonly SeeingServer[]): Map<string, Difference> => {
  const found = new Map<string, Difference>();
  for (const [serial, seen] of groupBy(sights, ({ unit }) => plainSerial(unit.serial))) {
    const units = groupBy(seen, keyOf);
    const holders = [...units.values()].map((own) => new Set(own.map(({ at }) => at)));
    // A server that sees both tells them apart; elsewhere a person who goes by the serial number takes one for the other.
    const isApart = holders.every((own, index) =>
      holders.every((other, at) => at === index || [...own].every((server) => !other.has(server))),
    );
    const who = isApart && disagreement(seen, servers, ({ unit }) => unit.identity ?? 'a unit without identity');
    if (!who) continue;
    for (const sight of seen)
      found.set(keyOf(sight), {
        outcome: 'fail',
        text: `The serial number ${serial} is ${who}: it is not the same unit, or the target gives it another identity to each server. A cluster finds a disk by its identity.`,
        next: 'Check at the target which unit is mapped to which server, and let it show one identity to all.',
      });
  }
  return found;
};

/** One identity that is not one unit, or that one target calls by several numbers. */
const differenceWithin = (
  identity: string,
  seen: readonly Sight[],
  servers: readonly SeeingServer[],
): Difference | null => {
  const size = disagreement(seen, servers, ({ unit }) => (unit.sizeBytes === null ? null : formatSize(unit.sizeBytes)));
  if (size !== null)
    return {
      outcome: 'fail',
      text: `${identity} has ${size}: two units carry one identity, as after a copy at the target, or a server has not noticed a new size. MPIO would join two units to one disk and destroy both.`,
      next: 'Rescan the disks ("quorate disk rescan") and compare again. If it stays, give the copy an identity of its own at the target.',
    };
  for (const by of ['windows', 'quorate'] as const) {
    const serial = disagreement(
      seen.filter(({ path }) => path.by === by),
      servers,
      ({ unit }) => plainSerial(unit.serial),
    );
    if (serial !== null)
      return {
        outcome: 'fail',
        text: `${identity} has the serial number ${serial}: two units carry one identity, as after a copy at the target. MPIO would join them to one disk and destroy both.`,
        next: 'Give the copy an identity of its own at the target.',
      };
  }
  for (const [target, ofTarget] of groupBy(seen, ({ path }) => path.target)) {
    const number = disagreement(ofTarget, servers, ({ unit }) => (unit.lun === null ? null : `LUN ${unit.lun}`));
    if (number !== null)
      return {
        outcome: 'warn',
        text: `${identity} of ${target} is ${number}. A cluster finds it by the identity all the same; people and scripts that use the number take the wrong one.`,
        next: 'Map it under one number to every server at the target.',
      };
  }
  return null;
};

const why = (
  server: SeeingServer,
  row: readonly Sight[],
): { readonly isSeen: false | null; readonly because: string } => {
  if (!server.seen) return { isSeen: null, because: server.because ?? 'it gave no answer' };
  const targets = new Set(row.flatMap(({ path }) => path.target ?? []));
  const blind = server.seen.paths.find(
    ({ units, target }) => units === null && (target === null || targets.size === 0 || targets.has(target)),
  );
  if (blind) return { isSeen: null, because: `${pathText(blind)}: ${blind.because ?? 'it could not be looked at'}` };
  const [target] = targets;
  const hasPath = server.seen.paths.some((path) => path.target !== null && targets.has(path.target));
  return {
    isSeen: false,
    because:
      target === undefined
        ? 'it shows no such disk'
        : hasPath
          ? `it has a path to ${target}, which does not show it this unit`
          : `it has no path to ${target}`,
  };
};

const cellOf = (server: SeeingServer, at: number, row: readonly Sight[]): LunCell => {
  const own = row.filter((sight) => sight.at === at);
  if (own.length === 0) return { ...why(server, row), paths: [] };
  return {
    isSeen: true,
    paths: own.map(({ path: { by, target, portal, source: from }, unit: { lun, serial, sizeBytes } }) => ({
      by,
      target,
      portal,
      source: from,
      lun,
      serial,
      sizeBytes,
    })),
    because: null,
  };
};

const names = (servers: readonly SeeingServer[], cells: readonly LunCell[], isSeen: boolean | null): string =>
  servers
    .filter((_, at) => cells[at]?.isSeen === isSeen)
    .map(({ name }) => name)
    .join(', ');

/** How many paths of Windows each server has; null where they are as many, or a server does not tell. */
const unevenPaths = (servers: readonly SeeingServer[], cells: readonly LunCell[]): string | null => {
  const counts = cells.map(({ paths }) => paths.filter(({ by }) => by === 'windows').length);
  if (counts.includes(0) || new Set(counts).size < 2) return null;
  return counts.map((count, at) => `${servers[at]!.name} over ${count}`).join(', ');
};

type Judged = Pick<LunRow, 'verdict' | 'outcome' | 'text' | 'next'>;

const judge = (
  servers: readonly SeeingServer[],
  cells: readonly LunCell[],
  identity: string | null,
  difference: Difference | null,
): Judged => {
  if (difference) return { verdict: 'different', ...difference };
  if (identity === null)
    return {
      verdict: 'unknown',
      outcome: 'fail',
      text: 'It has no identity in VPD page 83h, so nobody can say whether the servers see one unit. Windows takes no such disk into a cluster.',
      next: 'Give it an identity at the target, or use another target: "quorate iscsi qualify" says what is missing.',
    };
  const missing = names(servers, cells, false);
  if (missing !== '')
    return {
      verdict: 'missing',
      outcome: 'fail',
      text: `Not seen by ${missing}. A clustered disk can run only on a node that sees it; validation fails.`,
      next: 'Admit the initiator there at the target, log on there ("quorate initiator logon"), then compare again.',
    };
  const silent = names(servers, cells, null);
  if (silent !== '')
    return {
      verdict: 'unknown',
      outcome: 'unknown',
      text: `Not known for ${silent}: the unit may be missing there, or be a different one.`,
      next: 'Fix the cause that is shown for that server, then compare again.',
    };
  const uneven = unevenPaths(servers, cells);
  if (uneven !== null)
    return {
      verdict: 'same',
      outcome: 'warn',
      text: `All servers see the same unit, but not over as many paths: ${uneven}.`,
      next: 'Add the missing paths, so that every node survives the loss of one: "quorate initiator logon".',
    };
  return { verdict: 'same', outcome: 'pass', text: 'All servers see the same unit.', next: null };
};

const sentences: Readonly<Record<LunOutcome, (count: number) => string>> = {
  fail: (count) => `${count === 1 ? 'One logical unit has' : `${count} logical units have`} to be corrected.`,
  unknown: (count) =>
    `Not known yet whether the servers see the same units: ${count === 1 ? 'one is' : `${count} are`} not known of all.`,
  warn: (count) => `The servers see the same units. ${count === 1 ? 'One needs' : `${count} need`} attention.`,
  pass: (count) => `All servers see the same ${count === 1 ? 'logical unit' : `${count} logical units`}.`,
};

const first = <Value>(values: readonly (Value | null)[]): Value | null =>
  values.find((value) => value !== null) ?? null;

const rowOf = (
  servers: readonly SeeingServer[],
  seen: readonly Sight[],
  others: readonly (Difference | undefined)[],
): LunRow => {
  const identity = seen[0]?.unit.identity ?? null;
  const cells = servers.map((server, at) => cellOf(server, at, seen));
  const difference =
    others.find((one) => one !== undefined) ?? (identity === null ? null : differenceWithin(identity, seen, servers));
  return {
    identity,
    serial: first(seen.map(({ unit }) => unit.serial)),
    sizeBytes: first(seen.map(({ unit }) => unit.sizeBytes)),
    ...judge(servers, cells, identity, difference),
    cells,
  };
};

const rank = ({ verdict, outcome }: LunRow): number => lunOutcomes.indexOf(outcome) * 10 + lunVerdicts.indexOf(verdict);

/**
 * Puts the logical units of two or more servers side by side, differences first. Pure; what was not looked at counts neither as the same nor as
 * missing. A disk that one server alone shows over a bus that may lie in it (SAS, RAID) is its own and left out.
 */
export const judgeLuns = (servers: readonly SeeingServer[], at: string): LunMap => {
  const sights = servers.flatMap(({ seen }, index) =>
    (seen?.paths ?? []).flatMap((path) => (path.units ?? []).map((unit): Sight => ({ at: index, path, unit }))),
  );
  const groups = [...groupBy(sights, keyOf)].filter(
    ([, seen]) => seen.some(isSharedBySight) || new Set(seen.map((sight) => sight.at)).size > 1,
  );
  const shared = groups.flatMap(([, seen]) => seen);
  const byNumber = numberDifferences(shared, servers);
  const bySerial = serialDifferences(shared, servers);
  const luns = groups
    .map(([key, seen]) => rowOf(servers, seen, [byNumber.get(key), bySerial.get(key)]))
    .sort((one, other) => rank(one) - rank(other) || (one.identity ?? '').localeCompare(other.identity ?? '', 'en'));
  const views = servers.map(({ id, name, because, seen }) => ({
    id,
    name,
    because,
    notLooked: (seen?.paths ?? []).flatMap((path) =>
      path.units === null ? [`${pathText(path)}: ${path.because ?? 'it could not be looked at'}`] : [],
    ),
  }));
  const isBlind = views.some(({ because, notLooked }) => because !== null || notLooked.length > 0);
  const worst = lunOutcomes.find((one) => luns.some(({ outcome }) => outcome === one)) ?? 'pass';
  // A path that was not looked over may show a unit that nobody else sees.
  const outcome = isBlind && worst !== 'fail' ? 'unknown' : worst;
  const count = luns.filter((lun) => lun.outcome === outcome).length;
  return {
    schema: 'quorate.lun-map/1',
    at,
    servers: views,
    outcome,
    sentence:
      luns.length === 0
        ? isBlind
          ? 'Not known which logical units the servers see.'
          : 'No server sees a shared logical unit.'
        : count === 0
          ? 'The units that were seen are the same on all servers; not every path was looked over.'
          : sentences[outcome](count),
    luns,
    source,
  };
};
