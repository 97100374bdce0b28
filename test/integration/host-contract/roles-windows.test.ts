import { describe, vi } from 'vitest';
import { engineMissing } from '../../support/engine.ts';
import { windowsHost } from './hosts.ts';
import { rolesContract } from './roles.ts';

vi.setConfig({ testTimeout: 240_000 });

describe.skipIf(engineMissing)('the contract of a host, its roles, held by the Windows host', () =>
  rolesContract(windowsHost([])),
);
