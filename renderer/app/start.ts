import { checkThisMachine } from '../features/readiness/store.ts';
import { startCoreStore } from './core-store.ts';
import './fonts.ts';

void checkThisMachine();
void startCoreStore();
