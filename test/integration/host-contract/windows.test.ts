import { describe } from 'vitest';
import { engineMissing } from '../../support/engine.ts';
import { changeContract } from './changes.ts';
import { diskContract } from './disks.ts';
import { hostContract } from './host.ts';
import { windowsHost } from './hosts.ts';
import { initiatorContract } from './initiator.ts';
import { nicContract } from './nics.ts';
import { titled } from '../../support/skipped.ts';

describe.skipIf(engineMissing !== null)(
  titled('the contract of a host, held by the Windows host', engineMissing),
  () => {
    const windows = windowsHost();
    changeContract(windows);
    hostContract(windows);
    nicContract(windows);
    initiatorContract(windows);
    diskContract(windows);
  },
);
