import type { Endpoint } from '../../shared/model/peer.ts';
import { formatEndpoint } from '../channel/tls.ts';
import { Discovery } from './discovery/discovery.ts';
import type { DiscoveryNic, Sighting } from './discovery/records.ts';
import { localAddresses, type LocalAddresses } from './doors.ts';
import type { Me } from './me.ts';
import { protocols } from './talk.ts';

/** What the one who looks around is told by the rest of the service, and tells it. */
export interface NearbyTools {
  readonly me: Me;
  readonly isInviting: () => boolean;
  /** The NICs behind the open doors. */
  readonly nics: () => readonly DiscoveryNic[];
  readonly addresses?: LocalAddresses | undefined;
  /** Another server was heard, at an address that proves nothing: the certificate decides who it is. */
  readonly onHeard: (id: string, endpoint: Endpoint) => void;
  /** Another process shows our own identity. */
  readonly onCopy: (address: string) => void;
  readonly onTrouble: (nic: DiscoveryNic, reason: string) => void;
}

const lookMs = 2_500;

/** Announces this server on the NICs of its open doors, and hears and finds others there. */
export class Nearby {
  readonly #tools: NearbyTools;
  #discovery: Discovery | null = null;
  #nics = '';
  /** Another process that shows our own identity: where it was heard. */
  #copyOfUs: string | null = null;

  constructor(tools: NearbyTools) {
    this.#tools = tools;
  }

  copyOfUs(): string | null {
    return this.#copyOfUs;
  }

  announce(): void {
    this.#discovery?.announce();
  }

  /** After the doors changed: one discovery for their NICs and no other. */
  async renew(): Promise<void> {
    const nics = this.#tools.nics();
    const key = JSON.stringify(nics);
    if (key === this.#nics) return this.#discovery?.announce();
    const old = this.#discovery;
    this.#discovery = null;
    this.#nics = key;
    await old?.close();
    if (nics.length > 0) this.#discovery = this.#open(nics);
    this.#discovery?.ask();
  }

  /** Looks for a while on the NICs of the open doors, or on those given; where no door is open, on all. */
  async look(ms = lookMs, signal?: AbortSignal, nics?: readonly DiscoveryNic[]): Promise<Sighting[]> {
    if (this.#discovery && !nics) return this.#discovery.look(ms, signal);
    return this.#withDiscovery(nics ?? this.#allNics(), (discovery) => discovery.look(ms, signal));
  }

  /** Where a server was heard, by its id. */
  async find(id: string, signal: AbortSignal | undefined): Promise<Endpoint[]> {
    const isIt = (sighting: Sighting): boolean => sighting.id === id && !sighting.isLeaving;
    const look = async (discovery: Discovery): Promise<Sighting[]> =>
      (await discovery.look(lookMs, signal, (found) => found.some(isIt))).filter(isIt);
    const found = this.#discovery ? await look(this.#discovery) : [];
    const all = found.length > 0 ? found : await this.#withDiscovery(this.#allNics(), look);
    return all.map(({ address, port }) => ({ address, port }));
  }

  async close(): Promise<void> {
    await this.#discovery?.close();
  }

  #open(nics: readonly DiscoveryNic[]): Discovery {
    const { me, isInviting, onTrouble } = this.#tools;
    return new Discovery({
      nics,
      announced: () => {
        const [door] = me.endpoints();
        if (!door) return null;
        const { identity, name, version, run } = me;
        return { id: identity.id, name, version, protocols, port: door.port, isInviting: isInviting(), run };
      },
      onSighting: (sighting) => this.#onSighting(sighting),
      onTrouble,
    });
  }

  #onSighting({ id, run, address, port, isLeaving }: Sighting): void {
    if (isLeaving) return;
    const { me, onCopy, onHeard } = this.#tools;
    if (id !== me.identity.id) return onHeard(id, { address, port });
    const where = formatEndpoint(address, port);
    if (run === '' || run === me.run || this.#copyOfUs === where) return;
    this.#copyOfUs = where;
    onCopy(where);
  }

  #allNics(): DiscoveryNic[] {
    return (this.#tools.addresses ?? localAddresses)()
      .filter(({ family }) => family === 'IPv4')
      .map(({ address, netmask }) => ({ address, netmask }));
  }

  async #withDiscovery<T>(nics: readonly DiscoveryNic[], use: (discovery: Discovery) => Promise<T>): Promise<T> {
    const discovery = new Discovery({ nics, announced: () => null });
    try {
      return await use(discovery);
    } finally {
      await discovery.close();
    }
  }
}
