import type { Orders } from '../api/dispatcher.ts';
import type { Coordinatorship } from '../operations/peers/coordinatorship.ts';
import type { Peers } from '../peer/peers.ts';
import { ownName, type CoreSettings } from './core-settings.ts';

/** What runs on this server on a coordinator's order, by title; whoever runs it tells. */
export class RunningOrders {
  readonly #titles = new Map<symbol, string>();

  titles(): readonly string[] {
    return [...this.#titles.values()];
  }

  async during<T>(title: string, work: () => Promise<T>): Promise<T> {
    const key = Symbol(title);
    this.#titles.set(key, title);
    try {
      return await work();
    } finally {
      this.#titles.delete(key);
    }
  }
}

/** The coordinatorship of a core, made when it is first needed. */
export type LoadCoordinatorship = () => Promise<Coordinatorship>;

export const coordinatorshipOf = (
  settings: CoreSettings,
  peers: Peers,
  running: RunningOrders,
): LoadCoordinatorship => {
  const make = async (): Promise<Coordinatorship> => {
    const [{ Coordinatorship: Made }, { EpochStore }] = await Promise.all([
      import('../operations/peers/coordinatorship.ts'),
      import('../coordination/epoch-store.ts'),
    ]);
    return new Made({
      store: new EpochStore(settings.dataFolder, () => ownName(settings)),
      me: async () => {
        const { me } = await peers.service();
        return { fingerprint: me.identity.fingerprint, name: me.name };
      },
      members: async () =>
        (await peers.service()).book
          .members()
          .filter(({ state }) => state === 'paired')
          .map(({ fingerprint, name: peer }) => ({ fingerprint, name: peer })),
      find: async (text) => {
        const { book } = await peers.service();
        const { fingerprint, name: peer } = book.find(text, book.members());
        return { fingerprint, name: peer };
      },
      running: () => running.titles(),
      call: (peer, method, input, options) => peers.call(peer, method, input, options),
      describe: (peer) => peers.describe(peer),
    });
  };
  let made: Promise<Coordinatorship> | null = null;
  return () => (made ??= make());
};

/** Admits the orders of peers by their epochs. */
export const ordersOf = (load: LoadCoordinatorship): Orders => ({
  admit: async (caller, method) => (await load()).admit(caller, method),
});
