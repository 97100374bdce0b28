import type { SingleWriter } from '../coordination/single-writer.ts';
import { knownAnswer } from '../ports/peer-port.ts';
import type { Peers } from '../peer/peers.ts';
import type { CoreSettings } from './core-settings.ts';
import type { LoadSingleWriter } from './server-access.ts';

/** The single-writer rule of a core, with its peers as the others. */
export const singleWriterOf = (settings: CoreSettings, peers: Peers): LoadSingleWriter => {
  const make = async (): Promise<SingleWriter> => {
    const [{ SingleWriter: Made }, { ClaimStore }, { promiseAsk, promiseHandBack }] = await Promise.all([
      import('../coordination/single-writer.ts'),
      import('../coordination/claim-store.ts'),
      import('../../shared/contract/promises.ts'),
    ]);
    return new Made({
      store: new ClaimStore(settings.dataFolder, settings.durability),
      others: () => peers.paired(),
      ask: async (peer, asked) => knownAnswer(peers, peer, promiseAsk, await peers.call(peer, promiseAsk.name, asked)),
      giveBack: async (peer, asked) => void (await peers.call(peer, promiseHandBack.name, asked)),
    });
  };
  let made: Promise<SingleWriter> | null = null;
  return () => (made ??= make());
};
