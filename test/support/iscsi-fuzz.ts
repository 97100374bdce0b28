import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  decodeBinaryValue,
  decodeCdb,
  decodePdu,
  decodeReadFullStatus,
  decodeSendTargets,
  decodeSense,
  decodeSenseSegment,
  decodeText,
  describeSense,
  encodeDescriptorSense,
  encodeFixedSense,
  encodePdu,
  encodeText,
  InitiatorLogin,
  IscsiError,
  Negotiation,
  PDU_KINDS,
  PDU_LAYOUTS,
  PduReader,
  TextAssembler,
  type PduInput,
  type PduOf,
  type TextPair,
} from '../../main/iscsi/index.ts';

export interface FuzzResult {
  readonly iterations: number;
  readonly seed: number;
  /** Inputs that were taken, and those that were refused with an IscsiError, by code. */
  readonly accepted: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  readonly heapGrowthMiB: number;
}

/** mulberry32: small, and the same numbers on every machine, so that a seed finds a crash again. */
const createRandom = (seed: number): ((below: number) => number) => {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
};

type Random = (below: number) => number;

const randomBytes = (random: Random, maxLength: number): Buffer => {
  const bytes = Buffer.allocUnsafe(random(maxLength + 1));
  for (let i = 0; i < bytes.length; i++) bytes[i] = random(256);
  return bytes;
};

/** Changes, removes and doubles bytes, and puts in the values that break length fields. */
const damage = (random: Random, bytes: Buffer): Buffer => {
  let damaged = Buffer.from(bytes);
  for (let n = random(6); n >= 0; n--) {
    if (damaged.length === 0) break;
    const at = random(damaged.length);
    switch (random(6)) {
      case 0:
        damaged[at] = random(256);
        break;
      case 1:
        damaged[at] = (damaged[at] ?? 0) ^ (1 << random(8));
        break;
      case 2:
        damaged[at] = [0x00, 0x7f, 0x80, 0xff][random(4)] ?? 0;
        break;
      case 3:
        damaged = damaged.subarray(0, at);
        break;
      case 4:
        damaged = Buffer.concat([damaged.subarray(0, at), randomBytes(random, 16), damaged.subarray(at)]);
        break;
      case 5:
        damaged.fill(0xff, at, Math.min(damaged.length, at + random(8)));
        break;
    }
  }
  return damaged;
};

const KEYS = [
  'TargetName',
  'TargetAddress',
  'MaxBurstLength',
  'HeaderDigest',
  'CHAP_A',
  'CHAP_C',
  'CHAP_R',
  'X-a',
  'AuthMethod',
  'InitialR2T',
];
const VALUES = [
  'Yes',
  'No',
  'None',
  'Reject',
  '0',
  '65536',
  '0x10',
  '0bAAAA',
  'CRC32C,None',
  'iqn.2026-01.a:b',
  '192.0.2.1:3260,1',
  '',
  '-1',
];
/** Refused at once; seldom, or nothing behind it would be read. */
const CONTROL_VALUE = '\u0001';

const randomPairs = (random: Random): TextPair[] =>
  Array.from(
    { length: random(8) },
    () =>
      [
        KEYS[random(KEYS.length)] ?? '',
        random(100) === 0 ? CONTROL_VALUE : (VALUES[random(VALUES.length)] ?? ''),
      ] as const,
  );

/** Text as it comes from the wire: the product's own encoder refuses what a broken target sends. */
const rawText = (pairs: readonly TextPair[]): Buffer =>
  Buffer.from(pairs.map(([key, value]) => `${key}=${value}\0`).join(''));

const randomPdu = (random: Random): PduInput => {
  const kind = PDU_KINDS[random(PDU_KINDS.length)] ?? 'nopIn';
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(PDU_LAYOUTS[kind].fields)) {
    if (field.type === 'flag') values[name] = random(2) === 1;
    else if (field.type === 'uint64') values[name] = BigInt(random(2 ** 31)) << BigInt(random(33));
    else if (field.type === 'bytes') values[name] = randomBytes(random, field.size);
    else values[name] = random(2) === 0 ? random(8) : random(2 ** 31);
  }
  const data = random(2) === 0 ? randomBytes(random, 100) : rawText(randomPairs(random));
  return { kind, ...values, data };
};

/** A stream of PDUs, some damaged, in pieces; what comes out is decoded as far as it goes. */
const fuzzPdus = (random: Random): void => {
  const digests = { header: random(2) === 0, data: random(2) === 0 };
  const whole = Buffer.concat(Array.from({ length: 1 + random(3) }, () => encodePdu(randomPdu(random), digests)));
  const bytes = random(4) === 0 ? whole : damage(random, whole);
  const reader = new PduReader(
    {
      onPdu: (bhs, ahs, data) => {
        const pdu = decodePdu(bhs, ahs, data);
        if (pdu.kind === 'scsiCommand') decodeCdb(pdu.cdb);
        if (pdu.kind === 'scsiResponse') decodeSense(decodeSenseSegment(pdu.data));
      },
    },
    { maxDataSegmentLength: 8192, digests },
  );
  for (let at = 0; at < bytes.length;) {
    const take = 1 + random(bytes.length);
    reader.push(bytes, at, Math.min(bytes.length, at + take));
    at += take;
  }
};

const fuzzText = (random: Random): void => {
  const whole = rawText(randomPairs(random));
  const form = random(8);
  const bytes = form === 0 ? randomBytes(random, 200) : form < 5 ? whole : damage(random, whole);
  const assembler = new TextAssembler(4096);
  assembler.add(bytes);
  const pairs = assembler.take();
  for (const [, value] of pairs) decodeBinaryValue(value);
  // Three readers of the same pairs, one in each round: the first that refuses them must not keep them from the others.
  const reader = random(3);
  if (reader === 0) decodeText(encodeText(pairs));
  else if (reader === 1) decodeSendTargets(pairs);
  else {
    const role = random(2) === 0 ? 'initiator' : 'target';
    new Negotiation(role, 'Normal', { HeaderDigest: 'None', MaxBurstLength: '65536' }).receive(pairs);
  }
};

const fuzzSense = (random: Random): void => {
  const sense = {
    senseKey: random(16),
    asc: random(256),
    ascq: random(256),
    information: BigInt(random(2 ** 31)),
    fieldPointer: { inCdb: random(2) === 0, byte: random(65536) },
  };
  const whole = random(2) === 0 ? encodeFixedSense(sense) : encodeDescriptorSense(sense);
  const bytes = random(3) === 0 ? randomBytes(random, 64) : damage(random, whole);
  const decoded = decodeSense(bytes);
  if (decoded !== undefined) describeSense(decoded);
  decodeSense(decodeSenseSegment(bytes));
  decodeReadFullStatus(bytes);
};

/** A login against a target that says anything. */
const fuzzLogin = (random: Random): void => {
  const login = new InitiatorLogin({
    initiatorName: 'iqn.2026-01.test:i',
    targetName: 'iqn.2026-01.test:t',
    sessionType: 'Normal',
    isid: Buffer.alloc(6),
    wishes: { MaxBurstLength: '65536' },
    cmdSn: 0,
  });
  login.start();
  let statSn = 0;
  for (let n = random(4); n >= 0; n--) {
    const stage = random(2);
    const step = login.receive(
      decodePdu(
        encodePdu({
          kind: 'loginResponse',
          statSn: statSn++, // out of order it would be refused before anything else is looked at
          transit: random(2) === 0,
          continue: random(4) === 0,
          currentStage: stage,
          nextStage: stage === 0 ? 1 : 3,
          tsih: random(2),
          statusClass: random(8) === 0 ? random(5) : 0,
          statusDetail: random(12),
        }),
        undefined,
        rawText(randomPairs(random)),
      ) as PduOf<'loginResponse'>,
    );
    if (step.kind !== 'send') return;
  }
};

/** One round: throws an IscsiError for an input that is refused. */
export type FuzzTask = (random: (below: number) => number) => void;

const TASKS: readonly FuzzTask[] = [fuzzPdus, fuzzText, fuzzSense, fuzzLogin];

interface Rounds {
  readonly accepted: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  readonly slowestRound: number;
}

const runRounds = (first: number, end: number, seed: number, tasks: readonly FuzzTask[]): Rounds => {
  const refused: Record<string, number> = {};
  let accepted = 0;
  let slowestMs = 0;
  let slowestRound = first;
  for (let round = first; round < end; round++) {
    // Each round has a seed of its own: the one that fails can be run alone.
    const random = createRandom(Math.imul(seed, 0x9e3779b1) + round);
    const started = performance.now();
    try {
      tasks[round % tasks.length]?.(random);
      accepted++;
    } catch (error) {
      if (!(error instanceof IscsiError)) throw new Error(`fuzz: seed ${seed}, round ${round}`, { cause: error });
      refused[error.code] = (refused[error.code] ?? 0) + 1;
    }
    const tookMs = performance.now() - started;
    if (tookMs > slowestMs) {
      slowestMs = tookMs;
      slowestRound = round;
    }
  }
  return { accepted, refused, slowestMs, slowestRound };
};

const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20);

/**
 * Feeds the decoders with damaged and random input. An input may be taken or refused with an IscsiError; anything else is thrown on, with the
 * seed and the round that find it again.
 */
export const runFuzz = (iterations: number, seed: number): FuzzResult => {
  const heapBefore = process.memoryUsage().heapUsed;
  const { accepted, refused, slowestMs } = runRounds(0, iterations, seed, TASKS);
  globalThis.gc?.();
  const heapGrowthMiB = mebibytes(process.memoryUsage().heapUsed - heapBefore);
  return { iterations, seed, accepted, refused, slowestMs: Math.round(slowestMs), heapGrowthMiB };
};

/** What a run may cost. Time is one input's, memory all that has grown from the end of the warm-up to the end of the run. */
export const FUZZ_LIMITS = { slowestMs: 100, heapGrowthMiB: 8, externalGrowthMiB: 8, rssGrowthMiB: 64 } as const;

export interface MeasuredFuzz extends FuzzResult {
  /** The round whose input took the longest. */
  readonly slowestRound: number;
  /** Buffers, which live beside the heap. */
  readonly externalGrowthMiB: number;
  /** What the process holds of the machine's memory. */
  readonly rssGrowthMiB: number;
}

/** Collects garbage whether or not the process was started with --expose-gc. */
const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  gc();
  gc();
};

/** The same with time and memory measured: the code is warm before, so that what grows is what the inputs leave behind. */
export const measureFuzz = (iterations: number, seed: number, tasks: readonly FuzzTask[] = TASKS): MeasuredFuzz => {
  runRounds(0, Math.min(20_000, Math.ceil(iterations / 5)), seed + 1, tasks);
  collectGarbage();
  const before = process.memoryUsage();
  const { accepted, refused, slowestMs, slowestRound } = runRounds(0, iterations, seed, tasks);
  collectGarbage();
  const after = process.memoryUsage();
  // An input that took long because the machine was busy does not the second time; one that is slow is so each time.
  let leastMs = slowestMs;
  for (let again = 0; again < 5 && leastMs > FUZZ_LIMITS.slowestMs / 2; again++) {
    leastMs = Math.min(leastMs, runRounds(slowestRound, slowestRound + 1, seed, tasks).slowestMs);
  }
  return {
    iterations,
    seed,
    accepted,
    refused,
    slowestMs: Math.round(leastMs),
    slowestRound,
    heapGrowthMiB: mebibytes(after.heapUsed - before.heapUsed),
    externalGrowthMiB: mebibytes(after.external - before.external),
    rssGrowthMiB: mebibytes(after.rss - before.rss),
  };
};

/** Which limits a run has passed, in words; nothing when all is well. */
export const judgeFuzz = (result: MeasuredFuzz): string[] =>
  (Object.keys(FUZZ_LIMITS) as (keyof typeof FUZZ_LIMITS)[])
    .filter((name) => result[name] > FUZZ_LIMITS[name])
    .map((name) => `${name} is ${result[name]}, at most ${FUZZ_LIMITS[name]} is allowed (seed ${result.seed})`);
