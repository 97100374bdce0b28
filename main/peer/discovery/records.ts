import ipaddr from 'ipaddr.js';
import type { Answer, Question } from 'dns-packet';
import { peerIdSchema, peerNameSchema, peerVersionSchema } from '../../../shared/model/peer.ts';
import { isSameName } from '../../../shared/model/names.ts';

/** RFC 6763, 7: the type of our service. */
export const serviceType = '_quorate._tcp.local';
const enumeration = '_services._dns-sd._udp.local';

/** RFC 6762, 10: 120 s for what holds a host's address, 75 minutes for the rest. */
const hostTtl = 120;
const otherTtl = 4_500;
/** RFC 6762, 6.7: what a resolver is told that knows nothing of multicast. */
const legacyTtl = 10;

/** What a server tells of itself to everybody near. Nothing of it is secret. */
export interface Announced {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly protocols: readonly number[];
  readonly port: number;
  /** Is an invitation open? */
  readonly isInviting: boolean;
  /** Of this process: tells a copy of a disk from the original. */
  readonly run: string;
}

/** A network adapter that was chosen, with its IPv4 address. */
export interface DiscoveryNic {
  readonly address: string;
  readonly netmask: string;
}

/** Is an address in the subnet of a NIC? */
export const isInSubnet = (address: string, nic: DiscoveryNic): boolean => {
  if (!ipaddr.IPv4.isValid(address)) return false;
  const mask = ipaddr.IPv4.parse(nic.netmask).prefixLengthFromSubnetMask();
  return mask !== null && ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parse(nic.address), mask);
};

/** A label of DNS has at most 63 bytes; a name is cut at a character. */
const labelOf = (text: string, bytes = 63): string => {
  let label = '';
  for (const character of text.replaceAll('.', '-')) {
    if (Buffer.byteLength(label + character) > bytes) break;
    label += character;
  }
  return label;
};

/** The name of the instance: the computer's, and four digits of its identity, so that two of one name do not meet. */
const instanceOf = ({ name, id }: Announced): string =>
  `${labelOf(name, 58)} ${id.slice(0, 4).toUpperCase()}.${serviceType}`;

/** A host name of our own: the operating system's responder speaks for its own. */
const hostOf = ({ id }: Announced): string => `quorate-${id}.local`;

const textOf = (announced: Announced): string[] => [
  'txtvers=1',
  `id=${announced.id}`,
  `name=${announced.name}`,
  `v=${announced.version}`,
  `p=${announced.protocols.join(',')}`,
  `inviting=${announced.isInviting ? 1 : 0}`,
  `run=${announced.run}`,
];

interface Records {
  readonly ptr: Answer;
  readonly srv: Answer;
  readonly txt: Answer;
  readonly a: Answer;
}

const recordsOf = (announced: Announced, nic: DiscoveryNic): Records => {
  const instance = instanceOf(announced);
  return {
    ptr: { type: 'PTR', name: serviceType, ttl: otherTtl, data: instance },
    srv: {
      type: 'SRV',
      name: instance,
      ttl: hostTtl,
      flush: true,
      data: { target: hostOf(announced), port: announced.port, priority: 0, weight: 0 },
    },
    txt: { type: 'TXT', name: instance, ttl: otherTtl, flush: true, data: textOf(announced) },
    a: { type: 'A', name: hostOf(announced), ttl: hostTtl, flush: true, data: nic.address },
  };
};

export interface Reply {
  readonly answers: Answer[];
  readonly additionals: Answer[];
}

/** All there is to say, unasked: at the start and when something changes. */
export const announcement = (announced: Announced, nic: DiscoveryNic): Reply => {
  const { ptr, srv, txt, a } = recordsOf(announced, nic);
  return { answers: [ptr, srv, txt, a], additionals: [] };
};

/** RFC 6762, 10.1: what was said is taken back. */
export const goodbye = (announced: Announced, nic: DiscoveryNic): Reply => {
  const { answers } = announcement(announced, nic);
  return { answers: answers.map((answer) => ({ ...answer, ttl: 0 }) as Answer), additionals: [] };
};

/** What a question is answered with from this NIC; null when it does not concern us or the asker knows it already (RFC 6762, 7.1). */
export const replyTo = (
  questions: readonly Question[],
  known: readonly Answer[],
  announced: Announced,
  nic: DiscoveryNic,
): Reply | null => {
  const records = recordsOf(announced, nic);
  const answers = new Set<Answer>();
  for (const { name, type } of questions.slice(0, 32)) {
    const wants = (record: string): boolean => (type as string) === record || (type as string) === 'ANY';
    if (isSameName(name, enumeration) && wants('PTR'))
      answers.add({ type: 'PTR', name: enumeration, ttl: otherTtl, data: serviceType });
    if (isSameName(name, serviceType) && wants('PTR')) answers.add(records.ptr);
    if (isSameName(name, records.srv.name) && wants('SRV')) answers.add(records.srv);
    if (isSameName(name, records.txt.name) && wants('TXT')) answers.add(records.txt);
    if (isSameName(name, records.a.name) && wants('A')) answers.add(records.a);
  }
  const isKnown = (answer: Answer): boolean =>
    answer.type === 'PTR' &&
    known.some(
      (one) =>
        one.type === 'PTR' &&
        isSameName(one.name, answer.name) &&
        typeof one.data === 'string' &&
        isSameName(one.data, answer.data) &&
        (one.ttl ?? 0) >= otherTtl / 2,
    );
  const wanted = [...answers].filter((answer) => !isKnown(answer));
  if (wanted.length === 0) return null;
  const further = wanted.includes(records.ptr)
    ? [records.srv, records.txt, records.a]
    : wanted.includes(records.srv)
      ? [records.a]
      : [];
  return { answers: wanted, additionals: further.filter((record) => !wanted.includes(record)) };
};

/** The same for a resolver that asked from another port than 5353: short lives, no flush bit (RFC 6762, 6.7). */
export const legacyReply = ({ answers, additionals }: Reply): Reply => {
  const plain = (answer: Answer): Answer =>
    ({
      ...answer,
      flush: false,
      ttl: Math.min(legacyTtl, 'ttl' in answer ? (answer.ttl ?? legacyTtl) : legacyTtl),
    }) as Answer;
  return { answers: answers.map(plain), additionals: additionals.map(plain) };
};

/** A server that was heard. Everything but the address it was heard from is its own word. */
export interface Sighting {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly protocols: readonly number[];
  readonly isInviting: boolean;
  readonly run: string;
  /** From where the packet came: a record may name any address. */
  readonly address: string;
  readonly port: number;
  /** On the NIC with this address. */
  readonly heardOn: string;
  readonly isLeaving: boolean;
}

const maxRecords = 256;

const textPairs = (data: unknown): Map<string, string> => {
  const parts: unknown[] = Array.isArray(data) ? data : [data];
  const pairs = new Map<string, string>();
  for (const part of parts.slice(0, 32)) {
    const text = Buffer.isBuffer(part) ? part.toString('utf8') : typeof part === 'string' ? part : '';
    const at = text.indexOf('=');
    // RFC 6763, 6.4: the first of a key counts.
    if (at > 0 && !pairs.has(text.slice(0, at).toLowerCase()))
      pairs.set(text.slice(0, at).toLowerCase(), text.slice(at + 1));
  }
  return pairs;
};

/** The servers that a response speaks of, and the instances that it names without saying where they are. */
export const readResponse = (
  records: readonly Answer[],
  sender: string,
  nic: DiscoveryNic,
): { readonly sightings: readonly Sighting[]; readonly incomplete: readonly string[] } => {
  const instances = new Map<string, { srv?: { port: number; ttl: number }; txt?: Map<string, string> }>();
  const ours = `.${serviceType}`;
  const entryOf = (name: string): { srv?: { port: number; ttl: number }; txt?: Map<string, string> } | null => {
    const key = name.toLowerCase();
    if (!key.endsWith(ours) || key.length > 255) return null;
    const entry = instances.get(key) ?? {};
    instances.set(key, entry);
    return entry;
  };
  for (const record of records.slice(0, maxRecords)) {
    if (record.type === 'PTR' && isSameName(record.name, serviceType) && typeof record.data === 'string')
      entryOf(record.data);
    if (record.type === 'SRV') {
      const entry = entryOf(record.name);
      const port: unknown = (record.data as { port?: unknown } | undefined)?.port;
      if (entry && typeof port === 'number' && port > 0) entry.srv = { port, ttl: record.ttl ?? 0 };
    }
    if (record.type === 'TXT') {
      const entry = entryOf(record.name);
      if (entry) entry.txt = textPairs(record.data);
    }
  }
  const sightings: Sighting[] = [];
  const incomplete: string[] = [];
  for (const [name, { srv, txt }] of instances) {
    if (!srv || !txt) {
      incomplete.push(name);
      continue;
    }
    const id = peerIdSchema.safeParse(txt.get('id'));
    const shown = peerNameSchema.safeParse(txt.get('name'));
    const version = peerVersionSchema.safeParse(txt.get('v'));
    if (!id.success || !shown.success || !version.success) continue;
    sightings.push({
      id: id.data,
      name: shown.data,
      version: version.data,
      protocols: (txt.get('p') ?? '').split(',').map(Number).filter(Number.isSafeInteger).slice(0, 8),
      isInviting: txt.get('inviting') === '1',
      run: (txt.get('run') ?? '').slice(0, 32),
      address: sender,
      port: srv.port,
      heardOn: nic.address,
      isLeaving: srv.ttl === 0,
    });
  }
  return { sightings, incomplete };
};
