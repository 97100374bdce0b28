import { parseEndpoint } from '../../../shared/model/peer-endpoint.ts';
import { findIscsiNameProblem, iscsiPort } from '../../../shared/model/windows-iscsi.ts';
import type { Access } from './store.ts';

/** What is wrong with a portal, in words; null when nothing is. */
export const portalProblem = (text: string): string | null =>
  parseEndpoint(text, { port: iscsiPort })
    ? null
    : `"${text.trim()}" is not an address. Examples: 10.0.1.50, 10.0.1.50:3260, array1.example.`;

/** What is wrong with names of initiators, in words; empty texts ask for the usual name. */
export const namesProblem = (text: string): string | null => {
  for (const name of text.split(/[\s,;]+/).filter(Boolean)) {
    const problem = findIscsiNameProblem(name);
    if (problem !== null) return `${name} ${problem}.`;
  }
  return null;
};

/** What is wrong with each field of the way to the storage; never holds a secret. */
export const accessProblems = (access: Access): Readonly<Record<Exclude<keyof Access, 'sourceIp'>, string | null>> => {
  const hasMutual = access.mutualUser.trim() !== '' || access.mutualSecret !== '';
  const hasChap = access.chapUser.trim() !== '' || access.chapSecret !== '' || hasMutual;
  const missing = (isAsked: boolean, value: string, text: string): string | null =>
    isAsked && value.trim() === '' ? text : null;
  return {
    portal: access.portal.trim() === '' ? 'Type the address of a portal.' : portalProblem(access.portal),
    initiator: namesProblem(access.initiator),
    chapUser: missing(hasChap, access.chapUser, 'Type the user that the secret belongs to.'),
    chapSecret: missing(hasChap, access.chapSecret, 'Type the secret of this user.'),
    mutualUser: missing(hasMutual, access.mutualUser, 'Type the user that the target authenticates with.'),
    mutualSecret:
      missing(hasMutual, access.mutualSecret, 'Type the secret of the target.') ??
      (hasMutual && access.mutualSecret === access.chapSecret ? 'Must differ from the secret above.' : null),
  };
};
