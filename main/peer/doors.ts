import { networkInterfaces } from 'node:os';
import type { Endpoint } from '../../shared/model/peer.ts';
import type { AdmissionLimits } from '../channel/admission.ts';
import { listenTls, type Arrival, type Listener } from '../channel/listener.ts';
import { formatEndpoint } from '../channel/tls.ts';
import { messageOf } from '../system/reason.ts';
import type { Identity } from './identity/identity.ts';
import type { DiscoveryNic } from './discovery/records.ts';

/** One address that this server is to listen on. */
export interface Door {
  readonly address: string;
  /** The port that it really listens on; the wanted one while it does not. */
  readonly port: number;
  readonly isOpen: boolean;
  /** Why it is not open. */
  readonly reason: string | null;
}

/** The addresses of this machine as the system tells them; tests bring their own. */
export type LocalAddresses = () => readonly (DiscoveryNic & {
  readonly nic: string;
  /** The MAC address of the NIC; all zeros where it has none. */
  readonly mac: string;
  readonly family: 'IPv4' | 'IPv6';
})[];

export const localAddresses: LocalAddresses = () =>
  Object.entries(networkInterfaces()).flatMap(([nic, addresses]) =>
    (addresses ?? []).map(({ address, netmask, mac, family }) => ({ nic, mac, address, netmask, family })),
  );

const bare = (address: string): string => (address.split('%')[0] ?? '').toLowerCase();
const lookMs = 5_000;

/** Addresses that a NIC gives itself while it has no other (RFC 3927, RFC 4291): nobody is to look for this server there. */
const isLinkLocal = (address: string): boolean => /^(?:169\.254\.|fe[89ab][0-9a-f]:)/i.test(address);

interface Held {
  wanted: Endpoint;
  /** The NIC that had the address last, which keeps its MAC when it is given another one; null where it was never here. */
  mac: string | null;
  listener: Listener | null;
  reason: string | null;
}

const closeAll = async (doors: readonly Held[]): Promise<void> => {
  await Promise.all(doors.flatMap(({ listener }) => (listener ? [listener.close()] : [])));
};

/** A door whose NIC was given another address. */
export interface Moved {
  readonly from: Endpoint;
  readonly to: Endpoint;
}

/**
 * The listeners of this server, on the addresses that a person chose and no other. One whose address vanishes is closed, and opened again when
 * the address is back, or where its NIC has another one instead: forming a cluster turns leases into static addresses on all servers, and none of them
 * would be reached any more.
 */
export class Doors {
  readonly #identity: Identity;
  readonly #onArrival: (arrival: Arrival) => void;
  readonly #onChange: (moved?: Moved) => void;
  readonly #addresses: LocalAddresses;
  readonly #admission: AdmissionLimits | undefined;
  #held: Held[] = [];
  #timer: NodeJS.Timeout | null = null;
  #isLooking = false;
  #isClosed = false;

  constructor(
    identity: Identity,
    onArrival: (arrival: Arrival) => void,
    onChange: (moved?: Moved) => void,
    addresses: LocalAddresses = localAddresses,
    admission?: AdmissionLimits,
  ) {
    this.#identity = identity;
    this.#onArrival = onArrival;
    this.#onChange = onChange;
    this.#addresses = addresses;
    this.#admission = admission;
  }

  list(): Door[] {
    return this.#held.map(({ wanted, listener, reason }) => ({
      address: wanted.address,
      port: listener?.port ?? wanted.port,
      isOpen: listener !== null,
      reason,
    }));
  }

  /** Where peers reach this server. */
  endpoints(): Endpoint[] {
    return this.#held.flatMap(({ listener }) => (listener ? [{ address: listener.address, port: listener.port }] : []));
  }

  /** The IPv4 NICs behind the open doors, for discovery. */
  nics(): DiscoveryNic[] {
    const open = new Set(this.endpoints().map(({ address }) => address));
    const isLoopback = (address: string): boolean => address.startsWith('127.');
    const isBehindDoor = (address: string): boolean =>
      open.has(address) || (isLoopback(address) && [...open].some(isLoopback));
    return this.#addresses()
      .filter(({ family, address }) => family === 'IPv4' && isBehindDoor(address))
      .map(({ address, netmask }) => ({ address, netmask }));
  }

  /**
   * Opens these and closes all others. None is left open when one of the new ones cannot be opened, unless it was open before. With `isPatient` that one
   * is opened as soon as it can be: a server that has just started has its addresses later.
   * @throws Failure PEER_LISTEN_FAILED
   */
  async set(wanted: readonly Endpoint[], isPatient = false): Promise<void> {
    const keyOf = ({ address, port }: Endpoint): string => formatEndpoint(address, port);
    const kept = this.#held.filter((held) => wanted.some((one) => keyOf(one) === keyOf(held.wanted)));
    const fresh: Held[] = [];
    try {
      for (const one of wanted) {
        if (kept.some((held) => keyOf(held.wanted) === keyOf(one))) continue;
        const held: Held = { wanted: one, mac: null, listener: null, reason: null };
        await this.#open(held).catch((error: unknown) => {
          if (!isPatient) throw error;
          held.reason = messageOf(error);
        });
        fresh.push(held);
      }
    } catch (error) {
      await closeAll(fresh);
      throw error;
    }
    if (this.#isClosed) return closeAll(fresh);
    const dropped = this.#held.filter((held) => !kept.includes(held));
    this.#held = [...kept, ...fresh];
    await closeAll(dropped);
    if (this.#held.length > 0) {
      this.#timer ??= setInterval(() => void this.look(), lookMs);
      this.#timer.unref();
    }
    this.#onChange();
  }

  /** Compares with the addresses that this machine has now. */
  async look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const all = this.#addresses();
      const here = new Set(all.map(({ address }) => bare(address)));
      for (const held of this.#held) {
        // All of 127.0.0.0/8 is this machine, though the system lists one address.
        const isHere = here.has(bare(held.wanted.address)) || held.wanted.address.startsWith('127.');
        if (held.listener && !isHere) {
          const { listener } = held;
          held.listener = null;
          held.reason = 'this server does not have the address any more';
          await listener.close();
          this.#onChange();
        }
        if (!isHere) await this.#follow(held, all);
        else if (!held.listener) {
          await this.#reopen(held).then(
            (isHeld) => isHeld && this.#onChange(),
            (error: unknown) => (held.reason = messageOf(error)),
          );
        }
      }
    } finally {
      this.#isLooking = false;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer) clearInterval(this.#timer);
    const held = this.#held;
    this.#held = [];
    await closeAll(held);
  }

  /** Listens where the NIC of an address that is gone is reached now. */
  async #follow(held: Held, all: ReturnType<LocalAddresses>): Promise<void> {
    const from = held.wanted;
    const isTaken = (address: string): boolean =>
      this.#held.some(({ wanted }) => bare(wanted.address) === bare(address));
    const next = all.find(
      ({ mac, family, address }) =>
        mac === held.mac &&
        (family === 'IPv6') === from.address.includes(':') &&
        !isLinkLocal(address) &&
        !isTaken(address),
    );
    if (!next) return;
    held.wanted = { address: next.address, port: from.port };
    try {
      if (await this.#reopen(held)) this.#onChange({ from, to: held.wanted });
    } catch (error) {
      held.wanted = from;
      held.reason = messageOf(error);
    }
  }

  /** Opens one of the doors that are held. False: it was given up meanwhile, and is closed again, as nobody else would do. */
  async #reopen(held: Held): Promise<boolean> {
    await this.#open(held);
    if (this.#held.includes(held)) return true;
    await closeAll([held]);
    return false;
  }

  async #open(held: Held): Promise<void> {
    held.listener = await listenTls({
      ...held.wanted,
      identity: this.#identity,
      onArrival: this.#onArrival,
      ...(this.#admission ? { admission: this.#admission } : {}),
      onLost: (reason) => {
        held.listener = null;
        held.reason = reason;
        this.#onChange();
      },
    });
    // Where any free port was wanted, it stays the one that was got.
    held.wanted = { address: held.wanted.address, port: held.listener.port };
    held.reason = null;
    const nic = this.#addresses().find(({ address }) => bare(address) === bare(held.wanted.address));
    held.mac = nic && !/^[0:]+$/.test(nic.mac) ? nic.mac : null;
  }
}
