import type { WarningAcceptance } from '../../../shared/contract/formation.ts';
import { failure } from '../../../shared/errors/failure.ts';
import type { ClusterFile } from '../../../shared/model/cluster-file.ts';
import type { GateFinding } from '../../../shared/plan/formation/gate.ts';
import type { Check } from './checks.ts';
import { passGate } from './pass-gate.ts';
import type { AskCore } from './qualify-lun.ts';

/** Rows of which not to know the outcome is no better than a failure: the cluster would not form, or would lose data. */
const decisive: readonly string[] = [
  'os.version',
  'domain',
  'clock',
  'clone.name',
  'clone.uuid',
  'clone.mac',
  'clone.nicGuid',
  'clone.initiatorName',
];

/** What the file itself says of a warning, so that no person has to say it again. */
const saidByFile = ({ switches }: ClusterFile): WarningAcceptance[] =>
  switches.length === 0
    ? []
    : [
        {
          test: 'switch.names',
          because: `the cluster file makes ${switches.map(({ name }) => name).join(', ')} on every server that lacks it, after this`,
        },
      ];

/**
 * Puts the servers of the file side by side before Windows validates them: what differs and must not stops, and so does what decides and could not
 * be read, and a warning that nobody accepted by its name.
 */
export const agreeServers =
  ({ ask, acceptances }: { readonly ask: AskCore; readonly acceptances: readonly WarningAcceptance[] }): Check =>
  async (_subject, file, signal) => {
    const nodes = file.servers.map(({ name }) => name);
    const { servers, rows } = await ask('peers.consistency', { nodes }, signal);
    const isCompared = (name: string): boolean =>
      servers.some((one) => one.name.toLowerCase() === name.toLowerCase() && one.because === null);
    const missing = nodes.filter((name) => !isCompared(name));
    const [first] = nodes;
    if (missing.length > 0)
      throw failure('FORM_SERVERS_UNKNOWN', {
        what: missing.map((name) => `${name} could not be asked`).join('; '),
        next: `Pair ${missing.join(', ')} with ${first ?? 'the first server'}, and look at "quorate peers consistency" there.`,
      });
    const { accepted, told } = passGate(
      rows.map(({ id, title, outcome, text, next }): GateFinding => ({
        name: id,
        outcome,
        text: `${title}: ${text}`,
        next: next ?? '',
        isDecisive: decisive.includes(id),
      })),
      [...acceptances, ...saidByFile(file)],
      { failed: 'FORM_SERVERS_DIFFER', unknown: 'FORM_SERVERS_UNKNOWN' },
    );
    const says = [
      ...accepted.map(({ name, text, because }) => `Accepted (${name}, ${because}): ${text}`),
      ...told.map(({ text }) => text),
    ].join(' ');
    return `${rows.length} properties of ${nodes.length} servers compared${says === '' ? '' : `. ${says}`}`;
  };
