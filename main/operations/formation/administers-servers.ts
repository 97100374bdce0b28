import { asClause } from '../../../shared/model/sentence.ts';
import { failure, type Failure } from '../../../shared/errors/failure.ts';
import { kindOfAccount, type Account, type RightsThere } from '../../../shared/model/rights.ts';
import { whyUnread } from '../../../shared/model/observed.ts';
import type { Server } from '../plans/server.ts';
import type { Check } from './checks.ts';

const reasons: Readonly<Record<'notReached' | 'unknown', string>> = {
  notReached: 'no such share answers under this name',
  unknown: 'it could not be looked at',
};

/** Why the account of this server cannot form a cluster with another one; null where it can. */
export const whyNotThere = (
  { server: other, outcome, because }: RightsThere,
  account: Account | null,
  server: string,
): Failure | null => {
  const name = account?.name ?? 'the account';
  switch (outcome) {
    case 'administrator':
      return null;
    case 'denied':
      return account !== null && kindOfAccount(account, server) === 'local'
        ? failure('FORM_REMOTE_UAC', { other, server, account: name })
        : failure('FORM_NOT_ADMINISTRATOR_THERE', { other, server, account: name });
    case 'notReached':
    case 'unknown':
      return failure('FORM_SHARE_NOT_REACHED', {
        other,
        server,
        account: name,
        because: because ?? reasons[outcome],
      });
  }
};

/**
 * Proves that the account of this server's core is administrator on every other server of the file, by a look that changes nothing.
 * Windows forms a cluster from one server as one account (learn.microsoft.com, "Create a failover cluster").
 */
export const administersServers =
  ({ use }: { readonly use: <T>(work: (server: Server) => Promise<T>) => Promise<T> }): Check =>
  (_subject, file, signal) =>
    use(async ({ ports }) => {
      const { computerName } = await ports.host.readState({ signal });
      const isOwn = (name: string): boolean => name.toLowerCase() === computerName.toLowerCase();
      const others = file.servers.map(({ name }) => name).filter((name) => !isOwn(name));
      const rights = await ports.host.readRights(others, { signal });
      const { account } = rights;
      if (account !== null && kindOfAccount(account, computerName) === 'service')
        throw failure('FORM_ACCOUNT_IS_SERVICE', { server: computerName, account: account.name });
      for (const there of rights.there) {
        const failed = whyNotThere(there, account, computerName);
        if (failed) throw failed;
      }
      const who =
        account?.name ?? `the account of this core (not read: ${asClause(whyUnread(rights, 'account') ?? 'unknown')})`;
      return `${who} is an administrator on ${others.join(', ')}`;
    });
