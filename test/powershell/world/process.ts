import { runWorld } from '../../../main/rehearsal/world/run.ts';
import { answerCmdlets } from './requests.ts';

/** The world process of the tests: what ships, and the cmdlets that simulated PowerShell modules ask for. */
runWorld(answerCmdlets);
