import { Faults } from '../faults/index.ts';
import { endOfAll, type AbortReason, type EndCommands } from './answer.ts';
import { LogicalUnit, type NexusEnd, type UnitChange } from './logical-unit.ts';
import { createMemoryMedium, openFileMedium, type Medium } from './medium.ts';
import type { LunIdentity } from './identity.ts';
import type { Nexus } from './nexus.ts';
import type { ReservationHome } from './reservation-home.ts';

/** A LUN to make. Its bytes are in memory, or in the file that is named. */
export interface LunOptions {
  /** The LUN number, 0 to 255. */
  readonly lun: number;
  /** Not needed for a file that exists. */
  readonly sizeBytes?: bigint;
  /** A sparse file; it is made when it does not exist. */
  readonly file?: string;
  readonly medium?: Medium;
  readonly blockSizeBytes?: number;
  /** The serial number; the identity is derived from it unless `identity` is given. */
  readonly serial?: string;
  readonly identity?: LunIdentity;
  readonly thin?: boolean;
  readonly writeProtected?: boolean;
  readonly maxRegistrations?: number;
  /** Where its reservations are; its own when it is left out. */
  readonly reservations?: ReservationHome;
}

export type StoreChange = UnitChange & { readonly lun: number };

/**
 * The LUNs of one simulated array. The process that owns it (the world of the simulated servers, or a target on its own)
 * may serve it over iSCSI and use it directly at the same time.
 */
export class LunStore {
  readonly faults: Faults;
  readonly #units = new Map<number, LogicalUnit>();
  readonly #nexuses = new Set<Nexus>();
  readonly #watchers = new Set<(change: StoreChange) => void>();
  readonly #aborters = new Set<EndCommands<[lun: number, nexus: Nexus, reason: AbortReason]>>();
  /** Empty while nobody serves the store: then there is one target port, the first. */
  readonly #portalGroupTags = new Set<number>();

  constructor(faults: Faults = new Faults()) {
    this.faults = faults;
  }

  /** LUN numbers in ascending order. */
  get luns(): readonly number[] {
    return [...this.#units.keys()].sort((left, right) => left - right);
  }

  get(lun: number): LogicalUnit | undefined {
    return this.#units.get(lun);
  }

  /** Adds a LUN; every open nexus hears REPORTED LUNS DATA HAS CHANGED on the others. Throws a RangeError. */
  async add(options: LunOptions): Promise<LogicalUnit> {
    const { lun } = options;
    if (!Number.isInteger(lun) || lun < 0 || lun > 255) throw new RangeError('a LUN number is 0 to 255');
    if (this.#units.has(lun)) throw new RangeError(`LUN ${lun} exists already`);
    const medium = options.medium ?? (await mediumOf(options));
    const unit = new LogicalUnit({
      medium,
      identity: options.identity ?? options.serial ?? `QUORATE-LUN-${lun.toString().padStart(3, '0')}`,
      faults: this.faults,
      portalGroupTags: () => (this.#portalGroupTags.size > 0 ? [...this.#portalGroupTags] : [1]),
      onChange: (change) => {
        for (const watch of this.#watchers) watch({ ...change, lun });
      },
      onAbort: (nexus, reason) => endOfAll([...this.#aborters].map((abort) => abort(lun, nexus, reason))),
      ...(options.blockSizeBytes === undefined ? {} : { blockSizeBytes: options.blockSizeBytes }),
      ...(options.thin === undefined ? {} : { thin: options.thin }),
      ...(options.writeProtected === undefined ? {} : { writeProtected: options.writeProtected }),
      ...(options.reservations === undefined ? {} : { reservations: options.reservations }),
      ...(options.maxRegistrations === undefined ? {} : { maxRegistrations: options.maxRegistrations }),
    });
    for (const other of this.#units.values()) other.establishForAll('reportedLunsChanged');
    for (const nexus of this.#nexuses) unit.nexusFormed(nexus);
    this.#units.set(lun, unit);
    return unit;
  }

  /** Takes a LUN away while others go on: commands to it then end in LOGICAL UNIT NOT SUPPORTED. */
  async remove(lun: number): Promise<void> {
    const unit = this.#units.get(lun);
    if (!unit) return;
    this.#units.delete(lun);
    for (const other of this.#units.values()) other.establishForAll('reportedLunsChanged');
    await unit.medium.close();
  }

  /** Declares a target port, so that ALL_TG_PT reaches it. */
  addPortalGroup(tag: number): void {
    this.#portalGroupTags.add(tag);
  }

  /** A nexus came into being: all LUNs know it from now on. The same object is handed to {@link nexusLost}. */
  nexusFormed(nexus: Nexus): void {
    this.#nexuses.add(nexus);
    for (const unit of this.#units.values()) unit.nexusFormed(nexus);
  }

  nexusLost(nexus: Nexus, end: NexusEnd = 'loggedOut'): void {
    this.#nexuses.delete(nexus);
    for (const unit of this.#units.values()) unit.nexusLost(nexus, end);
  }

  /** Hears every change of reservations and every unit attention; returns how to stop. */
  watch(watcher: (change: StoreChange) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Whoever runs commands says how to end those of one nexus on one LUN; returns how to take that back. */
  onAbort(abort: EndCommands<[lun: number, nexus: Nexus, reason: AbortReason]>): () => void {
    this.#aborters.add(abort);
    return () => this.#aborters.delete(abort);
  }

  /** Power goes and comes back for the whole array. */
  losePower(): void {
    for (const unit of this.#units.values()) unit.losePower();
  }

  async close(): Promise<void> {
    for (const unit of this.#units.values()) await unit.medium.close();
    this.#units.clear();
  }
}

const mediumOf = async (options: LunOptions): Promise<Medium> => {
  if (options.file !== undefined) return openFileMedium(options.file, options.sizeBytes);
  if (options.sizeBytes === undefined) throw new RangeError(`LUN ${options.lun} needs a size or a file`);
  return createMemoryMedium(options.sizeBytes);
};

/** Makes a store with its LUNs; if one cannot be made, those before it are closed again. */
export const createLunStore = async (luns: readonly LunOptions[], faults?: Faults): Promise<LunStore> => {
  const store = new LunStore(faults);
  try {
    for (const lun of luns) await store.add(lun);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
};
