/**
 * Who may change a folder of Windows, read from its security descriptor in text.
 * Source: [MS-DTYP] 2.5.1.1 "Syntax" (SDDL), https://learn.microsoft.com/en-us/windows/win32/secauthz/security-descriptor-string-format
 */

/** One entry of a DACL. */
export interface AccessEntry {
  /** Whether it gives rights; one that takes them away does no harm. */
  readonly allows: boolean;
  /** The account: a SID in text. */
  readonly sid: string;
}

export interface FolderSecurity {
  /** SID of the owner, who may always change the DACL; null when the text holds none. */
  readonly owner: string | null;
  /** SE_DACL_PROTECTED: nothing is inherited from the folder above. */
  readonly isProtected: boolean;
  /** Null for a NULL DACL, with which everybody may do everything. */
  readonly entries: readonly AccessEntry[] | null;
}

export const systemSid = 'S-1-5-18';
export const administratorsSid = 'S-1-5-32-544';

/** The constants for SIDs that files have; one that is not among them stays as it is and is nobody's that is trusted. */
const sidOf: Readonly<Record<string, string>> = {
  SY: systemSid,
  BA: administratorsSid,
  WD: 'S-1-1-0',
  CO: 'S-1-3-0',
  CG: 'S-1-3-1',
  OW: 'S-1-3-4',
  AN: 'S-1-5-7',
  AU: 'S-1-5-11',
  IU: 'S-1-5-4',
  BU: 'S-1-5-32-545',
  BG: 'S-1-5-32-546',
  LS: 'S-1-5-19',
  NS: 'S-1-5-20',
  AC: 'S-1-15-2-1',
};
const names: Readonly<Record<string, string>> = {
  [systemSid]: 'SYSTEM',
  [administratorsSid]: 'Administrators',
  'S-1-1-0': 'Everyone',
  'S-1-3-0': 'CREATOR OWNER',
  'S-1-5-11': 'Authenticated Users',
  'S-1-5-4': 'INTERACTIVE',
  'S-1-5-32-545': 'Users',
};

/** An account as a person reads it: its name where it is one of Windows' own, else its SID. */
export const accountName = (sid: string): string => names[sid] ?? sid;

/** Object and callback entries give rights as plain ones do. */
const allowTypes: readonly string[] = ['A', 'OA', 'XA', 'ZA'];
const denyTypes: readonly string[] = ['D', 'OD', 'XD'];

/** @returns null for a text that is no such descriptor: then nothing is known, and nothing is trusted */
export const parseSddl = (text: string): FolderSecurity | null => {
  const match =
    /^(?:O:([A-Z]{2}|S-1-[0-9A-Fa-fx-]+))?(?:G:(?:[A-Z]{2}|S-1-[0-9A-Fa-fx-]+))?(?:D:([A-Z_]*)((?:\([^()]*(?:\([^()]*\)[^()]*)*\))*))?(?:S:.*)?$/.exec(
      text.trim(),
    );
  if (!match) return null;
  const [, owner, flags, list] = match;
  const common = { owner: owner === undefined ? null : (sidOf[owner] ?? owner) };
  // Without the section D: the descriptor has no DACL; so it has with the flag NO_ACCESS_CONTROL.
  if (flags === undefined || flags.includes('NO_ACCESS_CONTROL'))
    return { ...common, isProtected: false, entries: null };
  const entries: AccessEntry[] = [];
  for (const [, body] of (list ?? '').matchAll(/\(((?:[^()]|\([^()]*\))*)\)/g)) {
    const [type = '', , , , , account = ''] = (body ?? '').split(';');
    if (!allowTypes.includes(type) && !denyTypes.includes(type)) return null;
    if (account === '') return null;
    entries.push({ allows: allowTypes.includes(type), sid: sidOf[account] ?? account });
  }
  return { ...common, isProtected: /P/.test(flags.replace(/A[IR]/g, '')), entries };
};

/** Whom a process may trust with what it keeps. */
export interface Trust {
  /** SID of the account that the process runs as; null when it is not known. */
  readonly user: string | null;
  /** Whether it has an administrator's rights: then what the same account may do without them is not trusted. */
  readonly isElevated: boolean;
}

const trusted = ({ user, isElevated }: Trust): readonly string[] =>
  isElevated || user === null ? [systemSid, administratorsSid] : [systemSid, administratorsSid, user];

export type SecurityVerdict =
  /** Nobody but those who are trusted may look at it or change it, and nothing is inherited from above. */
  | { readonly is: 'protected' }
  /** Its owner is trusted, or the very account; these others have, or had, rights. */
  | { readonly is: 'open'; readonly others: readonly string[] }
  | { readonly is: 'foreign'; readonly owner: string };

const othersOf = (security: FolderSecurity, trust: Trust): string[] => [
  ...new Set(
    security.entries === null
      ? ['S-1-1-0']
      : security.entries.filter(({ allows, sid }) => allows && !trusted(trust).includes(sid)).map(({ sid }) => sid),
  ),
];

/** What the descriptor of the data folder means for a process. */
export const judgeFolder = (security: FolderSecurity, trust: Trust): SecurityVerdict => {
  const owner = security.owner ?? 'nobody';
  const isTrusted = trusted(trust).includes(owner);
  if (!isTrusted && owner !== trust.user) return { is: 'foreign', owner };
  const others = othersOf(security, trust);
  if (!isTrusted) others.unshift(owner);
  return others.length === 0 && security.isProtected
    ? { is: 'protected' }
    : { is: 'open', others: [...new Set(others)] };
};

/** What is wrong with a thing inside the folder, once the folder is protected; null when nothing is. */
export const judgeInside = (security: FolderSecurity, trust: Trust): string | null => {
  const owner = security.owner ?? 'nobody';
  if (!trusted(trust).includes(owner) && owner !== trust.user) return `it belongs to ${accountName(owner)}`;
  const others = othersOf(security, trust);
  return others.length > 0 ? `${others.map(accountName).join(', ')} may use it` : null;
};

/**
 * What the folder gets: SYSTEM and Administrators, and without an administrator's rights the account itself, all rights, for all that it
 * holds; nothing from above. The owner is set only where the process may set one.
 */
export const wantedSddl = (trust: Trust): string => {
  const full = (sid: string): string => `(A;OICI;FA;;;${sid})`;
  const own = trust.isElevated || trust.user === null ? '' : full(trust.user);
  return `${trust.isElevated ? 'O:BA' : ''}D:PAI${full('SY')}${full('BA')}${own}`;
};
