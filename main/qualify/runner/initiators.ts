import { createIsid, createNodeIsid, formatPortal, IscsiError, parsePortal, scsi } from '../../iscsi/index.ts';
import type { OneNameReason, PortalEnd } from '../../../shared/model/qualification.ts';
import { findPeer } from './find-peer.ts';
import { Nexus, type Access, type NexusOptions, type Path } from './nexus.ts';
import { inconclusive, skipped } from './not-passed.ts';

export interface InitiatorSettings {
  readonly access: Access;
  /** Further portals of the same target, each with the address to reach it from: the networks of two paths are often two. */
  readonly otherPaths: readonly Path[];
  readonly initiatorA: string;
  readonly initiatorB: string;
  /** Why the second name is the first one, where it is. */
  readonly sameNameBecause?: 'chosen' | 'impossible' | undefined;
  readonly signal: AbortSignal;
}

/** Refusals that are about the name: another name may be admitted. */
const aboutTheName: ReadonlySet<string> = new Set([
  'LOGIN_NOT_AUTHORIZED',
  'LOGIN_AUTHENTICATION_FAILED',
  'LOGIN_TARGET_NOT_FOUND',
  'LOGIN_INITIATOR_ERROR',
]);

/** The initiator ports of a run: two of them from the beginning to the end, more while a case needs them. */
export class Initiators {
  readonly a: Nexus;
  b: Nexus;
  /** Null where the two have two names. */
  oneName: OneNameReason | null = null;
  /** Where the session over each portal ended, in the order in which they were first reached. */
  readonly ends: PortalEnd[] = [];
  readonly #settings: InitiatorSettings;
  readonly #options: NexusOptions;
  readonly #extra = new Set<Nexus>();
  /** The paths of one node share their first four bytes, as those of an operating system do. */
  readonly #isids = { A: createNodeIsid(), B: createNodeIsid() };

  constructor(settings: InitiatorSettings, onPassedOver: (label: 'A' | 'B', answer: string) => void) {
    this.#settings = settings;
    this.#options = { signal: settings.signal, onPassedOver };
    this.a = this.#make('A', settings.initiatorA, settings.access);
    this.b = this.#make('B', settings.initiatorB, settings.access);
  }

  #make(label: 'A' | 'B', name: string, access: Access): Nexus {
    return new Nexus(label, name, access, { ...this.#options, isid: createIsid(this.#isids[label]) });
  }

  /** Another initiator port of ours; closed at the end of the case. */
  add(label: 'A' | 'B', path?: Path): Nexus {
    const base = label === 'A' ? this.a : this.b;
    const { sourceAddress: _of, ...anywhere } = this.#settings.access;
    const { portal, sourceAddress } = path ?? this.a.path;
    const access = { ...anywhere, portal, ...(sourceAddress === undefined ? {} : { sourceAddress }) };
    const nexus = this.#make(label, base.name, access);
    this.#extra.add(nexus);
    return nexus;
  }

  /** Logs both on. Where the target admits one name only, the second is a second ISID of it. */
  async connect(): Promise<PortalEnd> {
    const second = this.b.session();
    // The first one's failure is told first; the second one's has its turn below.
    second.catch(() => undefined);
    await this.a.session();
    if (this.a.name === this.b.name) this.oneName = this.#settings.sameNameBecause ?? 'chosen';
    try {
      await second;
    } catch (error) {
      if (!(error instanceof IscsiError) || !aboutTheName.has(error.code) || this.oneName !== null) throw error;
      await this.#useOneName('refused');
    }
    return this.#rememberEnd(this.a);
  }

  /**
   * Many targets let everybody log on and show a logical unit to chosen names only. A second name that does not see what the
   * first one sees is not admitted: then, too, the second is a second ISID of the first name.
   */
  async needSecondSight(lun: bigint): Promise<void> {
    if (this.oneName !== null) return;
    const seen = await scsi.inquiry(this.b, lun);
    if (seen.ok && seen.value.peripheralQualifier === 0) return;
    await this.b.close().catch(() => undefined);
    await this.#useOneName('masked');
  }

  async #useOneName(reason: OneNameReason): Promise<void> {
    this.oneName = reason;
    this.b = this.#make('B', this.a.name, this.#settings.access);
    await this.b.session();
  }

  /**
   * A nexus over another portal of the target. A portal that leads to where another one leads proves nothing about several
   * portals: then the case is skipped or, where a redirect is the reason, inconclusive.
   */
  async reach(label: 'A' | 'B', path: Path): Promise<Nexus> {
    const nexus = this.add(label, path);
    await nexus.session();
    const end = await this.#rememberEnd(nexus);
    const same = this.ends.find((other) => other.portal !== end.portal && other.end === end.end);
    if (!same) return nexus;
    if (same.redirects.length + end.redirects.length > 0)
      throw inconclusive(`the portals ${same.portal} and ${end.portal} both led to ${end.end}`);
    throw skipped(`the portals ${same.portal} and ${end.portal} are one and the same, ${end.end}`);
  }

  async #rememberEnd(nexus: Nexus): Promise<PortalEnd> {
    const { info } = await nexus.session();
    const portal = formatPortal(parsePortal(nexus.portal));
    const known = this.ends.find((one) => one.portal === portal);
    if (known) return known;
    const end = { portal, end: await findPeer(info), redirects: [...info.redirects] };
    this.ends.push(end);
    return end;
  }

  /** Ends the sessions of a case that only this case needed; those of registrations that could not be removed stay. */
  async closeExtras(isNeeded: (nexus: Nexus) => boolean): Promise<void> {
    const ended = [...this.#extra].filter((nexus) => nexus.isInUse && !isNeeded(nexus));
    for (const nexus of ended) this.#extra.delete(nexus);
    await Promise.all(ended.map((nexus) => nexus.close().catch(() => undefined)));
  }

  async close(): Promise<void> {
    await Promise.all([this.a, this.b, ...this.#extra].map((nexus) => nexus.close().catch(() => undefined)));
  }
}
