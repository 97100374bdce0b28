import { findFault } from '../../../main/rehearsal/world/change.ts';
import type { ServerState } from '../../../main/rehearsal/world/state.ts';
import { refuseCmdlet } from './behaviours.ts';
import { changer, net, reader, scalar, type Cmdlet } from './cim.ts';

/**
 * What a folder has that an administrator makes below C:\ProgramData: SYSTEM and Administrators everything, Users may read and make files
 * and folders in it. Source: the default ACL of that folder as `icacls` prints it, which many pages show.
 */
const usual =
  'O:BAG:SYD:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIIOID;GA;;;CO)(A;OICIID;0x1200a9;;;BU)(A;CIID;DCLCRPCR;;;BU)';

const securityOf = (server: ServerState, path: string): string => server.fileSecurity?.[path.toLowerCase()] ?? usual;

/** What a descriptor says, with the sections of the given text in the place of its own. */
const withSections = (current: string, given: string): string => {
  const section = (text: string, name: string): string =>
    new RegExp(`(?:^|(?<=[)A-Z]))${name}:(?:(?![OGDS]:).)*`).exec(text)?.[0] ?? '';
  return ['O', 'G', 'D'].map((name) => section(given, name) || section(current, name)).join('');
};

/** Owner, group and DACL of folders and files: what Quorate protects its data folder by. */
export const fileSecurityCmdlets: readonly Cmdlet[] = [
  reader('Get-Acl', 'LiteralPath', ({ server }, parameters) =>
    parameters
      .texts('LiteralPath')
      .map((path) =>
        net('System.Security.AccessControl.DirectorySecurity', { Path: path, Sddl: securityOf(server, path) }),
      ),
  ),
  changer('Set-Acl', 'LiteralPath AclObject', (change, parameters) => {
    const { server, world } = change;
    const [path] = parameters.texts('LiteralPath');
    const given = scalar(parameters.objects('AclObject')[0]?.['Sddl']);
    const isDenied = findFault(world, 'accessDenied', (fault) => fault.server === server.name) !== undefined;
    // Windows refuses an owner that the session may not set, and a folder whose DACL it may not write.
    if (path === undefined || given === null || isDenied || !server.administrator)
      throw refuseCmdlet('file.security.denied', {});
    server.fileSecurity = {
      ...server.fileSecurity,
      [path.toLowerCase()]: withSections(securityOf(server, path), given),
    };
  }),
];
