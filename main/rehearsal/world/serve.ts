import { identityFromSerial } from '../store/identity.ts';
import { createLunStore, type LunOptions, type LunStore } from '../store/index.ts';
import type { ReservationHome } from '../store/reservation-home.ts';
import {
  fromSnapshot,
  noReservations,
  toSnapshot,
  type ReservationSnapshot,
  type ReservationState,
} from '../store/reservations.ts';
import { startEmbeddedTarget, type EmbeddedTarget, type TargetOptions } from '../target/index.ts';
import { mustFind } from './change.ts';
import { portalsOf } from './reach.ts';
import type { TargetState } from './state.ts';
import type { World } from './world.ts';

/** A target of the world that real initiators can reach on loopback. */
export interface Served {
  readonly target: string;
  /** In the order of the target's portals: which loopback port stands for which. */
  readonly portals: readonly { readonly host: string; readonly port: number; readonly standsFor: string }[];
}

interface Running {
  readonly served: Served;
  readonly server: EmbeddedTarget;
  readonly store: LunStore;
  /** What each LUN number stands for: the LUN and its size. */
  shown: ReadonlyMap<number, string>;
}

/** Whom a target lets in, and what they have to prove. */
const accessOf = ({ name, admits, chap, mutual }: TargetState): Pick<TargetOptions, 'admit' | 'chap'> => ({
  ...(admits === null ? {} : { admit: admits }),
  chap: chap && {
    initiator: { user: chap.userName, secret: chap.secret },
    target: mutual && { user: mutual.userName ?? name, secret: mutual.secret },
  },
});

/**
 * Serves targets of a world over iSCSI on 127.0.0.1, one port for each portal with its group tag. Bytes are the files that
 * the simulated servers leave their marks in, reservations are those that they run into.
 */
export class ServedTargets {
  readonly #world: World;
  readonly #running = new Map<string, Running>();
  #following: Promise<void> = Promise.resolve();

  constructor(world: World) {
    this.#world = world;
  }

  get isServing(): boolean {
    return this.#running.size > 0;
  }

  list(): Served[] {
    return [...this.#running.values()].map(({ served }) => served);
  }

  /** Begins to serve a target; it is served until {@link stop}, or the world ends. `ports` 0 or left out: free ones. */
  async serve(name: string, ports: readonly number[]): Promise<Served> {
    const known = this.#running.get(name);
    if (known) return known.served;
    const { state, bytes } = this.#world;
    const target: TargetState = mustFind(state.targets[name], `there is no target ${name}`);
    const portals = portalsOf(state, target);
    bytes.ensure(state);
    const store = await createLunStore(target.luns.map((mapping) => this.#optionsOf(mapping)));
    try {
      const server = await startEmbeddedTarget({
        listen: portals.map((portal, index) => ({
          host: '127.0.0.1',
          port: ports[index] ?? 0,
          portalGroupTag: portal.portalGroupTag,
        })),
        targets: [
          {
            name,
            store,
            ...accessOf(target),
          },
        ],
      });
      const served: Served = {
        target: name,
        portals: server.portals.map(({ host, port }, index) => ({
          host,
          port,
          standsFor: `${portals[index]!.address}:${portals[index]!.port}`,
        })),
      };
      this.#running.set(name, { served, server, store, shown: this.#shownBy(target) });
      return served;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  /**
   * Shows what the world has by now: LUNs that were mapped, taken away or extended since a target was served, whom it admits and what they have to
   * prove, and no target that is gone.
   */
  follow(): Promise<void> {
    if (this.#running.size === 0) return Promise.resolve();
    const work = this.#following.then(() => this.#followNow());
    this.#following = work.catch(() => undefined);
    return work;
  }

  async #followNow(): Promise<void> {
    const { state, bytes } = this.#world;
    for (const [name, running] of this.#running) {
      const target = state.targets[name];
      if (!target) {
        await this.stop(name);
        continue;
      }
      running.server.changeAccess(name, accessOf(target));
      const wanted = this.#shownBy(target);
      const isSame = (number: number): boolean => wanted.get(number) === running.shown.get(number);
      const gone = [...running.shown.keys()].filter((number) => !isSame(number));
      const added = target.luns.filter(({ number }) => !isSame(number));
      if (gone.length + added.length === 0) continue;
      for (const number of gone) await running.store.remove(number);
      bytes.ensure(state);
      for (const mapping of added) await running.store.add(this.#optionsOf(mapping));
      running.shown = wanted;
    }
  }

  #shownBy({ luns }: TargetState): ReadonlyMap<number, string> {
    return new Map(luns.map(({ number, lun }) => [number, `${lun} ${this.#world.state.luns[lun]?.sizeBytes}`]));
  }

  #optionsOf({ number, lun: id }: TargetState['luns'][number]): LunOptions {
    const { state, bytes } = this.#world;
    const lun = mustFind(state.luns[id], `there is no LUN ${id}`);
    return {
      lun: number,
      file: bytes.fileOf(id),
      sizeBytes: BigInt(lun.sizeBytes),
      identity: { ...identityFromSerial(lun.serial), ...(lun.hasNoSerial === true ? { serial: '' } : {}) },
      thin: true,
      reservations: this.#reservationsOf(id),
      ...(lun.sectorBytes === undefined ? {} : { blockSizeBytes: lun.sectorBytes }),
    };
  }

  async stop(name: string): Promise<boolean> {
    const running = this.#running.get(name);
    if (!running) return false;
    this.#running.delete(name);
    await running.server.close();
    await running.store.close();
    return true;
  }

  async close(): Promise<void> {
    for (const name of [...this.#running.keys()]) await this.stop(name);
  }

  /** The reservations of a LUN are the world's alone: an initiator over iSCSI and a simulated server run into the same ones. */
  #reservationsOf(id: string): ReservationHome {
    const world = this.#world;
    let seen: { readonly snapshot: ReservationSnapshot; readonly state: ReservationState } | null = null;
    return {
      read: () => {
        const snapshot = world.state.luns[id]?.reservations;
        if (snapshot && seen?.snapshot !== snapshot) seen = { snapshot, state: fromSnapshot(snapshot) };
        return seen?.state ?? noReservations;
      },
      write: (state, by) => {
        world.control(by?.initiatorName ?? 'a target', 'persistent reservation', { lun: id }, (changed) => {
          mustFind(changed.luns[id], `there is no LUN ${id}`).reservations = toSnapshot(state);
        });
        const snapshot = world.state.luns[id]?.reservations;
        if (snapshot) seen = { snapshot, state };
      },
    };
  }
}
