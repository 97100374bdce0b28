import * as z from 'zod';
import type { Account, Rights, RightsThere } from '../../../shared/model/rights.ts';
import { findFault } from './change.ts';
import { serverNamed } from './cluster-view.ts';
import type { ServerState, WorldState } from './state.ts';

interface Here {
  readonly world: WorldState;
  readonly server: ServerState;
  /** The behaviours that showed themselves. */
  readonly used: Set<string>;
}

type Runs = 'administrator' | 'system' | 'networkService' | 'managedService' | 'local';

/** As what the core of a server runs: its administrator, unless a fault says otherwise. */
const runsAs = ({ world, server }: Pick<Here, 'world' | 'server'>): Runs =>
  findFault(world, 'runsAs', (fault) => fault.server === server.name)?.account ?? 'administrator';

/** A SID of this machine or of its domain that looks like one: S-1-5-21 and three numbers (MS-DTYP 2.4.2.1). */
const machineSid = 'S-1-5-21-1004336348-1177238915-682003330';

const accountOf = (here: Pick<Here, 'world' | 'server'>): Account => {
  const { computerName, membership } = here.server;
  const domain = membership.kind === 'domain' ? (membership.name.split('.')[0] ?? '').toUpperCase() : null;
  switch (runsAs(here)) {
    case 'system':
      return { name: 'NT AUTHORITY\\SYSTEM', sid: 'S-1-5-18' };
    case 'networkService':
      return { name: 'NT AUTHORITY\\NETWORK SERVICE', sid: 'S-1-5-20' };
    case 'managedService':
      return { name: `${domain ?? computerName}\\quorate$`, sid: `${machineSid}-1201` };
    case 'local':
      return { name: `${computerName}\\operator`, sid: `${machineSid}-1001` };
    case 'administrator':
      return domain === null
        ? { name: `${computerName}\\Administrator`, sid: `${machineSid}-500` }
        : { name: `${domain}\\installer`, sid: `${machineSid}-1104` };
  }
};

/** Whether another server takes the account of this one for an administrator, as its share ADMIN$ shows. */
export const rightsThere = (here: Here, name: string): RightsThere['outcome'] => {
  const { world, used } = here;
  const other = serverNamed(world, name);
  const isGone =
    !other || other.power !== 'on' || findFault(world, 'nodeUnreachable', (fault) => fault.server === other.name);
  if (isGone) return 'notReached';
  const runs = runsAs(here);
  if (runs === 'local') used.add('host.adminShare.filtered');
  const isTaken =
    runs === 'administrator' && !findFault(world, 'notAdministrator', (fault) => fault.server === other.name);
  if (!isTaken) used.add('host.adminShare.denied');
  return isTaken ? 'administrator' : 'denied';
};

export const rightsInput = z.object({ servers: z.array(z.string()) });

export const readRights = (here: Here, { servers }: z.output<typeof rightsInput>): Rights => ({
  account: accountOf(here),
  there: servers.map((server) => {
    const outcome = rightsThere(here, server);
    return { server, outcome, because: outcome === 'denied' ? 'Access is denied' : null };
  }),
  unread: [],
});
