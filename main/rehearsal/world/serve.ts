import { identityFromSerial } from '../store/identity.ts';
import { createLunStore, type LunStore } from '../store/index.ts';
import { toSnapshot, type ReservationSnapshot } from '../store/reservations.ts';
import { startEmbeddedTarget, type EmbeddedTarget } from '../target/index.ts';
import { mustFind } from './change.ts';
import { NotModelled } from './refusal.ts';
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
}

const same = (one: ReservationSnapshot, other: ReservationSnapshot): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/**
 * Serves targets of a world over iSCSI on 127.0.0.1, one port for each portal with its group tag. Bytes are the files that
 * the simulated servers leave their marks in, reservations are those that they run into: both ways.
 */
export class ServedTargets {
  readonly #world: World;
  readonly #running = new Map<string, Running>();
  #pushing = false;

  constructor(world: World) {
    this.#world = world;
    world.watch(() => this.#pull());
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
    const store = await createLunStore(
      target.luns.map(({ number, lun: id }) => {
        const lun = mustFind(state.luns[id], `there is no LUN ${id}`);
        return {
          lun: number,
          file: bytes.fileOf(id),
          sizeBytes: BigInt(lun.sizeBytes),
          identity: { ...identityFromSerial(lun.serial), ...(lun.hasNoSerial === true ? { serial: '' } : {}) },
          thin: true,
          ...(lun.sectorBytes === undefined ? {} : { blockSizeBytes: lun.sectorBytes }),
        };
      }),
    );
    try {
      store.restoreReservations(
        target.luns.map(({ number, lun }) => ({ lun: number, reservations: state.luns[lun]!.reservations })),
      );
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
            ...(target.admits === null ? {} : { admit: target.admits }),
            chap: target.chap && {
              initiator: { user: target.chap.userName, secret: target.chap.secret },
              target: target.mutual && { user: name, secret: target.mutual.secret },
            },
          },
        ],
      });
      store.watch((change) => {
        if (change.kind === 'reservations' && change.action !== 'restored') {
          this.#push(target, change.lun, toSnapshot(change.state), change.by?.initiatorName ?? 'a target');
        }
      });
      const served: Served = {
        target: name,
        portals: server.portals.map(({ host, port }, index) => ({
          host,
          port,
          standsFor: `${portals[index]!.address}:${portals[index]!.port}`,
        })),
      };
      this.#running.set(name, { served, server, store });
      return served;
    } catch (error) {
      await store.close();
      throw error;
    }
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

  /** What an initiator changed over iSCSI becomes the world's. */
  #push(target: TargetState, number: number, reservations: ReservationSnapshot, who: string): void {
    const id = target.luns.find((one) => one.number === number)?.lun;
    if (id === undefined) throw new NotModelled(`LUN ${number} of ${target.name}`);
    this.#pushing = true;
    try {
      this.#world.control(who, 'persistent reservation', { lun: id }, (state) => {
        state.luns[id]!.reservations = reservations;
      });
    } finally {
      this.#pushing = false;
    }
  }

  /** What the world changed (a fault, say) becomes the served target's. */
  #pull(): void {
    // What is due happens before the push, while the world does not know yet what the store knows.
    if (this.#pushing) return;
    for (const { served, store } of this.#running.values()) {
      const target = this.#world.state.targets[served.target];
      const current = new Map(store.reservationSnapshots().map((one) => [one.lun, one.reservations]));
      for (const { number, lun } of target?.luns ?? []) {
        const wanted = this.#world.state.luns[lun]?.reservations;
        const held = current.get(number);
        if (wanted && held && !same(wanted, held)) store.restoreReservations([{ lun: number, reservations: wanted }]);
      }
    }
  }
}
