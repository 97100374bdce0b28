import { failure } from '../../../shared/errors/failure.ts';
import type { Check } from './checks.ts';
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

/**
 * Puts the servers of the file side by side before Windows validates them: what differs and must not stops, and so does what decides and could not
 * be read. Warnings are told in the proof.
 */
export const agreeServers =
  ({ ask }: { readonly ask: AskCore }): Check =>
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
    const failed = rows.find(({ outcome }) => outcome === 'fail');
    if (failed)
      throw failure('FORM_SERVERS_DIFFER', { what: `${failed.title}: ${failed.text}`, next: failed.next ?? '' });
    const open = rows.find(({ id, outcome }) => outcome === 'unknown' && decisive.includes(id));
    if (open) throw failure('FORM_SERVERS_UNKNOWN', { what: `${open.title}: ${open.text}`, next: open.next ?? '' });
    const told = rows.filter(({ outcome }) => outcome === 'warn' || outcome === 'unknown');
    const says = told.map(({ title, text }) => `${title}: ${text}`).join(' ');
    return `${rows.length} properties of ${nodes.length} servers compared${says === '' ? '' : `. ${says}`}`;
  };
