import { create } from 'zustand';
import type { Input } from '../../../shared/contract/index.ts';
import type { Nearby, PeerSelf, PeerView } from '../../../shared/contract/peers.ts';
import type { Consistency } from '../../../shared/model/consistency.ts';
import type { LunMap } from '../../../shared/model/lun-map.ts';
import type { MatrixSummary, NetworkMatrix } from '../../../shared/model/network-matrix.ts';
import type { Endpoint } from '../../../shared/model/peer.ts';
import { call, envelopeOf } from '../../api/core.ts';
import type { ChosenFile } from '../../api/files.ts';
import { createReadings } from '../../ui/reading.ts';
import type { StageSource } from '../../ui/stage-source.ts';
import { setStageState, stateOfFailure } from '../../ui/stage-states.ts';
import { createWork } from './running.ts';
import { standingOf } from './standing.ts';

export interface Overview {
  readonly readAt: string;
  readonly self: PeerSelf;
  readonly peers: readonly PeerView[];
}

/** Peers are those of the machine that Quorate runs on, whichever server is open. */
export const here = 'local';

const readOverview = async (): Promise<Overview> => {
  const self = await call('peers.self', {});
  const { peers } = await call('peers.list', {});
  return { readAt: new Date().toISOString(), self, peers };
};

export const peerReadings = createReadings<Overview>(readOverview, envelopeOf, {
  data: (_host, { self, peers }) => {
    const { outcome, word } = standingOf(self, peers);
    setStageState(here, 'peers', { outcome, word });
  },
  failure: (_host, failure) => setStageState(here, 'peers', stateOfFailure(failure)),
});

export const peerSource: StageSource = {
  ensure: () => peerReadings.ensure(here),
  read: (_host, quietly) => peerReadings.read(here, quietly),
  isKnown: () => peerReadings.isKnown(here),
};

/** Reads again without a sign of it; a failure is shown like that of any reading. */
export const lookAgain = async (): Promise<void> => {
  try {
    peerReadings.put(here, await readOverview());
  } catch {
    await peerReadings.read(here);
  }
};

export const near = createWork<readonly Nearby[]>();
export const comparison = createWork<Consistency>();
export const lunSearch = createWork<LunMap>();
export const measurement = createWork<NetworkMatrix>();

/** The matrices that are kept, newest first. */
export const useHistory = create<{ readonly matrices: readonly MatrixSummary[] }>(() => ({ matrices: [] }));

/** Pairings whose two words a person has compared, as id and words. */
export const useComparedWords = create<{ readonly compared: readonly string[] }>(() => ({ compared: [] }));

export const wordsCompared = (pairing: string): void =>
  useComparedWords.setState(({ compared }) => ({ compared: [...compared, pairing] }));

export const lookNear = (): Promise<void> =>
  near.begin(async (signal) => (await call('peers.discover', {}, { signal })).servers);

/** This server and its peers; with files, the servers whose facts they hold. */
export const compare = (files: readonly ChosenFile[] = []): Promise<void> =>
  comparison.begin((signal, onProgress) =>
    call('peers.consistency', { files: files.map(({ input }) => input) }, { signal, onProgress }),
  );

/** Which server sees which logical unit; over the portals each server in their subnet logs on too. */
export const lookForLuns = (wish: Input<'peers.luns'>): Promise<void> =>
  lunSearch.begin((signal) => call('peers.luns', wish, { signal }));

const readHistory = async (): Promise<void> => {
  const { matrices } = await call('peers.matrices', {});
  useHistory.setState({ matrices });
};

export interface MatrixWish {
  readonly portals: Endpoint[];
  readonly echoes: number;
  /** 0: the networks are not filled with data. */
  readonly bandwidthMs: number;
}

export const measure = ({ portals, ...settings }: MatrixWish): Promise<void> =>
  measurement.begin(async (signal, onProgress) => {
    const matrix = await call('peers.matrix', { portals, settings }, { signal, onProgress });
    await readHistory();
    return matrix;
  });

/** A matrix that is kept; without an id the last one. */
export const showMatrix = (id: string | null): Promise<void> =>
  measurement.begin(async () => {
    const { matrix } = await call('peers.readMatrix', { id });
    await readHistory();
    return matrix;
  });
