import { describe } from 'vitest';
import { rehearsalPorts } from '../../../main/rehearsal/host/rehearsal-host.ts';
import { changeContract } from './changes.ts';
import type { ContractHost } from './contract.ts';
import { diskContract } from './disks.ts';
import { hostContract } from './host.ts';
import { initiatorContract } from './initiator.ts';
import { nicContract } from './nics.ts';

const rehearsal: ContractHost = {
  name: 'rehearsal',
  whyNot: () => null,
  asksWorldForRefusals: true,
  open: async (world, server) => rehearsalPorts(await world.connect('contract'), 'lab', server),
};

describe('the contract of a host, held by the rehearsal host', () => {
  changeContract(rehearsal);
  hostContract(rehearsal);
  nicContract(rehearsal);
  initiatorContract(rehearsal);
  diskContract(rehearsal);
});
