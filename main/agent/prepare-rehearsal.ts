import { prepareWorldProcess } from '../rehearsal/host/world-process.ts';

/** For who is about to ask for a rehearsed formation: the process of its world loads itself meanwhile. Nothing is left of it where no world is started. */
export const prepareRehearsal = (): void => prepareWorldProcess();
