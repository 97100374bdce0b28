import { RemoteCore } from '../../main/agent/pipe.ts';

/**
 * What the core of a data folder answers, over the pipe that the command line asks as well; null where none runs, it ended meanwhile or it refused. Whoever
 * waits for a state looks dozens of times, and a start of the command line takes a quarter of a second of a processor.
 */
export const askCore = async <T>(data: string, method: string, input: object = {}): Promise<T | null> => {
  const core = await RemoteCore.find(data).catch(() => null);
  try {
    const outcome = await core?.call(method, input, { caller: { kind: 'cli' } });
    return outcome?.ok ? (outcome.result as T) : null;
  } catch {
    return null;
  } finally {
    core?.close();
  }
};

/** A server that a core knows, as far as tests look at it. */
export interface KnownPeer {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly link: { readonly state: string; readonly reason: string | null };
}

/** The servers that the core of a data folder knows; null where no core answers. */
export const peersOf = async (data: string): Promise<readonly KnownPeer[] | null> =>
  (await askCore<{ peers: KnownPeer[] }>(data, 'peers.list'))?.peers ?? null;

/** True once a core answers and is connected to all that it knows, or, `isConnected` false, to none of them. */
export const areLinked = async (data: string, isConnected = true): Promise<boolean> => {
  const peers = await peersOf(data);
  return peers !== null && peers.every(({ link }) => (link.state === 'connected') === isConnected);
};
