import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod';
import { failure } from '../../../shared/errors/failure.ts';
import { consentSchema, isConsentGood, type Consent } from '../../../shared/model/consent.ts';
import type { ServerPlan } from '../../../shared/model/formation.ts';
import { reasonOfParsing } from '../../../shared/model/issue-words.ts';
import { keepJson, readFileIfThere } from '../../system/durable-file.ts';

const fileSchema = z.object({ version: z.literal(1), consents: z.array(consentSchema) });

/** As many as anybody looks back at; the oldest that are over go first. */
const mostKept = 50;

/** Who orders: as the connection proved it, with the epoch that was admitted. */
export interface Orderer {
  readonly fingerprint: string;
  readonly name: string;
  readonly epoch: number;
}

export const digestOf = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

const isAbout = (one: Consent, coordinator: string, digest: string): boolean =>
  one.coordinator === coordinator && one.digest === digest && one.state !== 'ended';

/** A plan as the person who consents reads it. */
export const consentSteps = (plan: ServerPlan): Consent['steps'] =>
  plan.phases
    .flatMap(({ steps }) => steps)
    .map(({ title, destructive, restart, cutsConnection }) => ({
      title,
      isDestructive: destructive,
      restarts: restart === 'now',
      cutsConnection,
    }));

/** What a person at this server lets other servers do on it: on the disk before anything is done by it. */
export class Consents {
  readonly #path: string;
  readonly #now: () => Date;
  /** What was read last, and from what: each step of a formation asks, and the file hardly ever changes. */
  #known: { readonly text: string; readonly consents: readonly Consent[] } | null = null;

  constructor(dataFolder: string, now: () => Date = () => new Date()) {
    this.#path = join(dataFolder, 'formation', 'consents.json');
    this.#now = now;
  }

  /** Newest first. @throws Failure SETTINGS_DAMAGED: a damaged file never counts as a consent. */
  all(): readonly Consent[] {
    return this.#read().toReversed();
  }

  /**
   * How a person here stands to a formation: asked, where nobody was yet. What is planned is told anew each time, until it is answered.
   */
  standing(
    { fingerprint, name, epoch }: Orderer,
    about: {
      readonly kind: Consent['about'];
      readonly formation: string;
      /** Left out: it forms, or is no formation. */
      readonly direction?: Consent['direction'];
      readonly cluster: string;
      readonly text: string;
    },
    steps: Consent['steps'],
  ): 'needed' | 'given' | 'refused' {
    const digest = digestOf(about.text);
    const known = this.#read().find((one) => isAbout(one, fingerprint, digest));
    const isOver = known?.state === 'given' && !isConsentGood(known, this.#now().getTime());
    if (known && !isOver && known.state !== 'needed') {
      if (known.formation !== about.formation) this.#put({ ...known, formation: about.formation, epoch });
      return known.state === 'given' ? 'given' : 'refused';
    }
    this.#put({
      about: about.kind,
      formation: about.formation,
      direction: about.direction ?? 'form',
      coordinator: fingerprint,
      coordinatorName: name,
      epoch,
      cluster: about.cluster,
      digest,
      steps,
      askedAt: known && !isOver ? known.askedAt : this.#now().toISOString(),
      state: 'needed',
      answeredAt: null,
      answeredBy: null,
    });
    return 'needed';
  }

  /** How a person here answered what this coordinator asked; `needed` too where it asked nothing. */
  answerTo(coordinator: string, formation: string): 'needed' | 'given' | 'refused' {
    const known = this.#read().find(
      (one) => one.formation === formation && one.coordinator === coordinator && one.state !== 'ended',
    );
    if (known?.state === 'refused') return 'refused';
    return known && isConsentGood(known, this.#now().getTime()) ? 'given' : 'needed';
  }

  isGiven(coordinator: string, text: string): boolean {
    const digest = digestOf(text);
    const known = this.#read().find((one) => isAbout(one, coordinator, digest));
    return known !== undefined && isConsentGood(known, this.#now().getTime());
  }

  /**
   * A person answers, or takes an answer back. Without a formation the one is meant that waits; where none waits, the one that was answered otherwise.
   * @throws Failure FORM_NO_CONSENT_ASKED
   */
  answer(formation: string | null, agrees: boolean, by: string): Consent {
    const open = this.#read().filter(({ state }) => state !== 'ended');
    const state = agrees ? 'given' : 'refused';
    const waiting = open.filter((one) => one.state === 'needed');
    const meant = waiting.length > 0 ? waiting : open.filter((one) => one.state !== state);
    const found = formation === null ? meant : open.filter((one) => one.formation === formation);
    const [one] = found;
    if (!one || found.length > 1)
      throw failure('FORM_NO_CONSENT_ASKED', {
        asked: open.map((other) => `${other.formation} of ${other.coordinatorName}`).join(', ') || 'none',
      });
    const answered: Consent = {
      ...one,
      state,
      answeredAt: this.#now().toISOString(),
      answeredBy: by,
    };
    this.#put(answered);
    return answered;
  }

  /** The formation is over: its consent is used up. */
  end(formation: string): void {
    const found = this.#read().find((one) => one.formation === formation && one.state !== 'ended');
    if (found) this.#put({ ...found, state: 'ended' }, found);
  }

  #put(consent: Consent, instead?: Consent): void {
    const others = this.#read().filter(
      (one) => one !== instead && (one.state === 'ended' || !isAbout(one, consent.coordinator, consent.digest)),
    );
    const kept = [...others, consent];
    const over = kept.filter(({ state }) => state === 'ended');
    const dropped = new Set(over.slice(0, Math.max(0, kept.length - mostKept)));
    const consents = kept.filter((one) => !dropped.has(one));
    keepJson(this.#path, { version: 1, consents });
  }

  #read(): readonly Consent[] {
    const text = readFileIfThere(this.#path);
    if (text === null) return [];
    if (this.#known?.text === text) return this.#known.consents;
    try {
      const { consents } = fileSchema.parse(JSON.parse(text));
      this.#known = { text, consents };
      return consents;
    } catch (error) {
      const reason = reasonOfParsing(error);
      throw failure('SETTINGS_DAMAGED', { path: this.#path, reason }, { cause: error });
    }
  }
}
