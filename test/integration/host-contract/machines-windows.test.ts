import { describe } from 'vitest';
import { engineMissing } from '../../support/engine.ts';
import { windowsHost } from './hosts.ts';
import { machineContract } from './machines.ts';
import { titled } from '../../support/skipped.ts';

describe.skipIf(engineMissing !== null)(
  titled('the contract of a host, its machines, held by the Windows host', engineMissing),
  () => machineContract(windowsHost([])),
);
