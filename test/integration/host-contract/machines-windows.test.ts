import { describe, vi } from 'vitest';
import { engineMissing } from '../../support/engine.ts';
import { windowsHost } from './hosts.ts';
import { machineContract } from './machines.ts';

vi.setConfig({ testTimeout: 240_000 });

describe.skipIf(engineMissing)('the contract of a host, its machines, held by the Windows host', () =>
  machineContract(windowsHost([])),
);
