import { answer } from './requests.ts';
import { runWorld } from './run.ts';

/** The entry of the world process that ships: ports and the world itself. */
runWorld(answer);
