import { failure } from '../../../shared/errors/failure.ts';
import {
  accountName,
  judgeFolder,
  judgeInside,
  parseSddl,
  wantedSddl,
  type FolderSecurity,
  type Trust,
} from '../../../shared/model/folder-security.ts';
import type { FolderSecurityPort, SecurityRead, SecurityReading } from '../../ports/folder-security-port.ts';

export interface FolderToProtect {
  readonly path: string;
  /** Everything in it, at any depth, by full path. */
  readonly inside: readonly string[];
}

export interface Protection {
  /** True where it was so already: nothing was changed. */
  readonly wasProtected: boolean;
  /** Accounts that could use it until now, as a person reads them. */
  readonly others: readonly string[];
  readonly isElevated: boolean;
}

/**
 * Makes sure that the data folder is of those alone who can do everything on this server anyway, and says what was found. Whoever else
 * can write to it could put a journal, a claim or the address of a core there, which Quorate would believe.
 * Throws DATA_FOLDER_UNPROTECTED where it cannot be made so, ACCESS_DENIED, POWERSHELL_*.
 */
export const protectFolder = async (port: FolderSecurityPort, folder: FolderToProtect): Promise<Protection> => {
  const { path, inside } = folder;
  const unsafe = (reason: string): Error => failure('DATA_FOLDER_UNPROTECTED', { path, reason });
  const securityOf = (read: SecurityRead | undefined, what: string): FolderSecurity => {
    if (read === undefined) throw unsafe(`the access rights of ${what} were not read`);
    if ('unread' in read) throw unsafe(`the access rights of ${what} cannot be read: ${read.unread}`);
    const parsed = parseSddl(read.sddl);
    if (parsed === null) throw unsafe(`the access rights of ${what} are not understood`);
    return parsed;
  };
  const paths = [path, ...inside];
  const look = async (): Promise<{ readonly trust: Trust; readonly found: ReadonlyMap<string, SecurityRead> }> => {
    const reading: SecurityReading = await port.read(paths);
    if (reading.isElevated === null) throw unsafe('whether this session is elevated cannot be read');
    return {
      trust: { user: reading.user, isElevated: reading.isElevated },
      found: new Map(reading.items.map((item) => [item.path, item])),
    };
  };

  const { trust, found } = await look();
  const before = judgeFolder(securityOf(found.get(path), 'the folder'), trust);
  if (before.is === 'foreign') throw unsafe(`it belongs to another account (${accountName(before.owner)})`);
  const wrongInside = (items: ReadonlyMap<string, SecurityRead>, isOwnerEnough: boolean): string | null => {
    for (const one of inside) {
      const security = securityOf(items.get(one), one);
      // Rights that come from the folder above end with its own; an owner of another account stays.
      const wrong = judgeInside(isOwnerEnough ? { ...security, entries: [] } : security, trust);
      if (wrong !== null) return `${one}: ${wrong}`;
    }
    return null;
  };
  const foreignInside = wrongInside(found, before.is === 'open');
  if (foreignInside !== null) throw unsafe(foreignInside);
  if (before.is === 'protected') return { wasProtected: true, others: [], isElevated: trust.isElevated };

  await port.protect(path, wantedSddl(trust));
  const after = await look();
  const now = judgeFolder(securityOf(after.found.get(path), 'the folder'), trust);
  if (now.is !== 'protected')
    throw unsafe(
      `its access rights do not stay as they are set${now.is === 'open' && now.others.length > 0 ? `, ${now.others.map(accountName).join(', ')} may still use it` : ''}; FAT32 and exFAT keep none`,
    );
  const openInside = wrongInside(after.found, false);
  if (openInside !== null) throw unsafe(openInside);
  return { wasProtected: false, others: before.others.map(accountName), isElevated: trust.isElevated };
};
