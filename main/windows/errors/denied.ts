import type { ErrorRow } from '../../powershell/index.ts';

/**
 * For a script that changes several things: every one of them asks for the same rights, so a denial came with the first
 * and nothing was changed. Numbers and ids as in the runner's general table.
 */
export const deniedAtOnce: readonly ErrorRow[] = [
  { code: 'ACCESS_DENIED', win32: 5, effect: 'none' },
  { code: 'ACCESS_DENIED', hresult: [0x80070005, 0x80041003], effect: 'none' },
  { code: 'ACCESS_DENIED', id: 'MI RESULT 2', effect: 'none' },
  { code: 'ACCESS_DENIED', category: 'PermissionDenied', effect: 'none' },
];
