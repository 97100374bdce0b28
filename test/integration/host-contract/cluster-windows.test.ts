import { describe } from 'vitest';
import { engineMissing } from '../../support/engine.ts';
import { windowsHost } from './hosts.ts';
import { clusterContract } from './cluster.ts';
import { titled } from '../../support/skipped.ts';

describe.skipIf(engineMissing !== null)(
  titled('the contract of a host, its cluster, held by the Windows host', engineMissing),
  () => clusterContract(windowsHost([])),
);
