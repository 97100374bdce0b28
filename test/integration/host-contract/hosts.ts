import { createWindowsPorts } from '../../../main/windows/index.ts';
import { rehearsalPorts } from '../../../main/rehearsal/host/rehearsal-host.ts';
import { engineMissing, startEngine } from '../../support/engine.ts';
import type { ContractHost } from './contract.ts';

export const rehearsalHost: ContractHost = {
  name: 'rehearsal',
  whyNot: () => null,
  asksWorldForRefusals: true,
  open: async (world, server) => rehearsalPorts(await world.connect('contract'), 'lab', server),
};

/** The Windows host with the module Hyper-V, which the servers of other groups do without. */
export const windowsHostWithHyperV: ContractHost = {
  name: 'windows',
  whyNot: () => engineMissing,
  open: async (world, server) => {
    const engine = await startEngine({ world: { address: world.address, server, without: [] } });
    await engine.runner.warm();
    return {
      ...createWindowsPorts(engine.runner, { version: '0', now: () => new Date() }),
      close: () => engine.close(),
    };
  },
};
