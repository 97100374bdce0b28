import { optimizeLate } from '../../system/short-lived.ts';
import { answer } from './requests.ts';
import { runWorld } from './run.ts';

/** The entry of the world process that ships: ports and the world itself. */
optimizeLate();
runWorld(answer);
