import { create, type StoreApi, type UseBoundStore } from 'zustand';
import type { Progress } from '../../../shared/contract/define.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { envelopeOf } from '../../api/core.ts';

/** Something that takes a while: how far it is, and what came of it last. */
export interface Running<Result> {
  readonly result: Result | null;
  readonly isRunning: boolean;
  readonly progress: Progress | null;
  readonly failure: Envelope | null;
}

export interface Work<Result> {
  readonly use: UseBoundStore<StoreApi<Running<Result>>>;
  /** Begins it, unless it runs. What it found before stays until it has found something else. */
  readonly begin: (
    how: (signal: AbortSignal, onProgress: (progress: Progress) => void) => Promise<Result | null>,
  ) => Promise<void>;
  readonly cancel: () => void;
  readonly dismissFailure: () => void;
}

/** Kept outside of the page, so that a measurement of minutes is not lost by looking elsewhere. */
export const createWork = <Result>(): Work<Result> => {
  const use = create<Running<Result>>(() => ({ result: null, isRunning: false, progress: null, failure: null }));
  let controller: AbortController | null = null;
  return {
    use,
    begin: async (how) => {
      if (use.getState().isRunning) return;
      controller = new AbortController();
      use.setState({ isRunning: true, progress: null, failure: null });
      try {
        use.setState({ result: await how(controller.signal, (progress) => use.setState({ progress })) });
      } catch (error) {
        use.setState({ failure: envelopeOf(error) });
      }
      use.setState({ isRunning: false, progress: null });
    },
    cancel: () => controller?.abort(),
    dismissFailure: () => use.setState({ failure: null }),
  };
};
