import type { WarningAcceptance } from '../../../shared/contract/formation.ts';
import type { ClusterFile } from '../../../shared/model/cluster-file.ts';
import type { LunMap, LunRow } from '../../../shared/model/lun-map.ts';
import type { GateFinding } from '../../../shared/plan/formation/gate.ts';
import type { Check } from './checks.ts';
import { passGate } from './pass-gate.ts';
import type { AskCore } from './qualify-lun.ts';

const isSame = (one: string | null, other: string): boolean => one?.trim().toLowerCase() === other.trim().toLowerCase();

type Outcome = LunRow['outcome'];

/**
 * What a row means for the servers of the file. Paired servers that are not in it (another cluster’s, a console) see none of its LUNs, and need not:
 * what counts is that as many servers as the file has see one and the same unit. That each of the file’s own sees it, its own plan has said before.
 */
const outcomeOf = ({ identity, verdict, outcome, cells }: LunRow, nodes: number): Outcome => {
  if (verdict === 'different' || identity === null || outcome === 'warn') return outcome;
  const isSeenByAll = cells.filter(({ isSeen }) => isSeen === true).length >= nodes;
  return isSeenByAll && (verdict === 'missing' || cells.length > nodes) ? 'pass' : outcome;
};

/** What the map says of each LUN of the file; one that it does not hold is not known. Others are none of this formation’s matter. */
const findingsOf = (file: ClusterFile, map: LunMap): GateFinding[] =>
  file.storage.luns.flatMap(({ serial }): GateFinding[] => {
    const finding = (outcome: Outcome, text: string, next: string | null): GateFinding => ({
      name: `lun ${serial}`,
      outcome,
      text,
      next: next ?? 'Look at "quorate peers luns": it says of each server and path what it sees.',
      isDecisive: true,
    });
    const rows = map.luns.filter((row) => isSame(row.serial, serial));
    if (rows.length === 0)
      return [finding('unknown', `No server shows the LUN with the serial number ${serial}.`, null)];
    return rows.map((row) => finding(outcomeOf(row, file.servers.length), `LUN ${serial}: ${row.text}`, row.next));
  });

/**
 * Puts side by side what every server sees of the file's LUNs over every session of Windows, before anything is written to them: one that is missing
 * somewhere, or that is not one unit, stops; so does one whose paths are not as many everywhere, until it is accepted by its name.
 */
export const sameLuns =
  ({ ask, acceptances }: { readonly ask: AskCore; readonly acceptances: readonly WarningAcceptance[] }): Check =>
  async (_subject, file, signal) => {
    const map = await ask('peers.luns', {}, signal);
    const { accepted } = passGate(findingsOf(file, map), acceptances, {
      failed: 'FORM_LUNS_DIFFER',
      unknown: 'FORM_LUNS_UNKNOWN',
    });
    const said = accepted.map(({ name, because }) => `; accepted: ${name} (${because})`).join('');
    return `${file.storage.luns.length} LUNs are the same on ${file.servers.length} servers${said}`;
  };
