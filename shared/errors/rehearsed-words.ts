/** Where a sentence of a rehearsal is read: what it names has to work there. */
export interface RehearsedPlace {
  /** The rehearsal's name. */
  readonly name: string;
  /** The server that a command is about where its sentence names none. */
  readonly server: string;
  /** Which way it is gone: what continues it goes the same. */
  readonly direction: 'form' | 'undo';
  /** Words that may be names of servers: one that follows a command ("on NODE2") is the server that it is about. */
  readonly servers?: readonly string[];
}

/** Commands that answer about one server, and take the simulated one as `--server`. */
const serverGroups = ['host', 'nic', 'initiator', 'disk', 'roles', 'cluster', 'storage-host', 'vm', 'readiness'];

/** What such a command is there without: it is about files, about this very server, or about a cluster that is not simulated. */
const withoutServer = ['cluster report', 'readiness rules', 'readiness --facts', 'readiness import'];

/** Commands that do the same whatever is rehearsed. */
const anywhere = ['rehearse', 'rehearsal', 'report', 'cluster report', 'readiness rules', 'readiness --facts'];

const startsWith = (words: string, starts: readonly string[]): boolean =>
  starts.some((start) => words === start || words.startsWith(`${start} `));

/** Commands about one thing named by that alone, such as "quorate nic". */
const isGroup = (words: string): boolean => !words.includes(' ') && words !== 'readiness';

const continuing = ({ name, direction }: RehearsedPlace): string =>
  `rehearse --name ${name} ${direction === 'undo' ? '--undo' : '--resume'}`;

/** The command that does there what this one does on real servers; null: there is none. */
const commandThere = (words: string, place: RehearsedPlace): string | null => {
  const { name, server } = place;
  if (startsWith(words, anywhere)) return words;
  if (words.includes('--server') || words.includes('--serial')) return words.includes('--server') ? words : null;
  if (startsWith(words, ['form resume', 'form apply'])) return continuing(place);
  if (startsWith(words, ['form undo'])) return words.includes('--plan') ? null : `rehearse --name ${name} --undo`;
  if (startsWith(words, serverGroups) && !startsWith(words, withoutServer))
    return `${isGroup(words) ? `${words} list` : words} --server rehearsal:${name}/${server}`;
  return null;
};

/** A command in quotes, with the server after it, such as `"quorate nic list" on NODE2`. */
const quotedCommand = /(?:"quorate ([^"]+)"|'quorate ([^']+)'|“quorate ([^”]+)”)(?: (?:on|at) ([\w-]+))?/g;

const replaced = (text: string, place: RehearsedPlace): { readonly text: string; readonly isWhole: boolean } => {
  let isWhole = true;
  const words = text.replace(quotedCommand, (whole, ...found: (string | undefined)[]) => {
    const command = found[0] ?? found[1] ?? found[2] ?? '';
    const server = place.servers?.find((one) => one === found[3]) ?? place.server;
    const there = commandThere(command, { ...place, server });
    isWhole &&= there !== null;
    return there === null ? whole : whole.replace(command, () => there);
  });
  return { text: words, isWhole };
};

/**
 * A text for real servers as it is true in a rehearsal: each command is the one that works there. What names a command that no rehearsal has, such as one
 * about paired servers, is left out: the words in brackets, or the sentence.
 * @returns an empty text where no sentence is left
 */
export const inRehearsal = (text: string, place: RehearsedPlace): string =>
  text
    .replace(/ \((["'“]quorate [^()]*)\)/g, (whole, inner: string) => (replaced(inner, place).isWhole ? whole : ''))
    .split(/(?<=[.!?]) (?=\S)/)
    .map((sentence) => replaced(sentence, place))
    .filter(({ isWhole }) => isWhole)
    .map((sentence) => sentence.text)
    .join(' ');

/** What to do next in a rehearsal; at least that it is continued. */
export const nextInRehearsal = (text: string, place: RehearsedPlace): string => {
  const next = inRehearsal(text, place);
  return next === '' ? `"quorate ${continuing(place)}" continues the rehearsal.` : next;
};
