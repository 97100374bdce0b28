import { describe } from 'vitest';
import { engineMissing } from '../../support/engine.ts';
import { windowsHost } from './hosts.ts';
import { rolesContract } from './roles.ts';
import { storageHostContract } from './storage-host.ts';
import { titled } from '../../support/skipped.ts';

describe.skipIf(engineMissing !== null)(
  titled('the contract of a host, its roles and storage host, held by the Windows host', engineMissing),
  () => {
    const host = windowsHost([]);
    rolesContract(host);
    storageHostContract(host);
  },
);
