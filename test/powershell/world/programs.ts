import { isSameAddress } from '../../../shared/model/address.ts';
import { requireAdministrator, rest } from '../../../main/rehearsal/world/change.ts';
import { setAutomount } from '../../../main/rehearsal/world/changes/disks.ts';
import * as initiator from '../../../main/rehearsal/world/changes/initiator.ts';
import { echoOnce } from '../../../main/rehearsal/world/ports/measure.ts';
import {
  containerOf,
  directoryEntry,
  isEntryDisabled,
  mayCreateComputers,
} from '../../../main/rehearsal/world/directory-view.ts';
import { reachesDomain } from '../../../main/rehearsal/world/reach.ts';
import { NotModelled, refuse } from '../../../main/rehearsal/world/refusal.ts';
import { refuseCmdlet } from './behaviours.ts';
import { changer, net, reader, type Cmdlet } from './cim.ts';
import { initiatorPortOf } from './cim-iscsi.ts';

/**
 * Native programs that no cmdlet replaces. A harness sends their command line as -Arguments; a refusal of the answer is an
 * exit code that is not zero.
 */
export const programs: readonly Cmdlet[] = [
  changer('iscsicli.exe', 'Arguments', (change, parameters) => {
    const [verb = '', ...given] = parameters.texts('Arguments');
    if (verb.toLowerCase() !== 'removepersistenttarget') throw new NotModelled(`iscsicli ${verb}`);
    // iscsicli RemovePersistentTarget <InitiatorName> <TargetName> <PortNumber> <PortalAddress> <PortalSocket>
    const [, target = '', port = '*', address = '*', socket = '*'] = given;
    const favourite = change.server.initiator.favourites.find(
      (one) =>
        one.target === target &&
        (port === '*' || String(initiatorPortOf(change.server, one)) === port) &&
        (address === '*' || (one.portalAddress !== null && isSameAddress(one.portalAddress, address))) &&
        (socket === '*' || String(one.portalPort) === socket),
    );
    if (!favourite) throw refuse('iscsi.favourite.notFound', { target, source: port, portal: address });
    initiator.removeFavourite(change, favourite);
  }),
  // Not a program but a call of iphlpapi.dll: QuorateSimulation answers it in the place of Windows.
  reader('IcmpSendEcho2Ex', 'Source Destination PayloadBytes DontFragment', ({ world, server }, parameters) => {
    const answer = echoOnce(world, server, {
      source: parameters.text('Source') ?? null,
      destination: parameters.text('Destination') ?? '',
      payloadBytes: Number(parameters.text('PayloadBytes') ?? 0),
      dontFragment: parameters.text('DontFragment') === 'true',
    });
    // IP_SUCCESS 0, IP_DEST_HOST_UNREACHABLE 11003, IP_PACKET_TOO_BIG 11009, IP_REQ_TIMED_OUT 11010, IP_GENERAL_FAILURE 11050
    return [
      answer.answered ? 0 : { timeout: 11_010, tooBig: 11_009, unreachable: 11_003, other: 11_050 }[answer.because],
    ];
  }),
  // Nor is this one: a search in Active Directory, by a filter of RFC 4515. An attribute that has no value is not in the answer.
  reader('DirectorySearcher', 'Filter PropertiesToLoad', ({ world, server, used }, parameters) => {
    const filter = parameters.text('Filter') ?? '';
    const wanted = new Set(parameters.texts('PropertiesToLoad').map((name) => name.toLowerCase()));
    const domain = server.membership.kind === 'domain' ? server.membership.name : null;
    if (domain === null || !reachesDomain(world, server, domain)) throw refuseCmdlet('directory.unreachable');
    const found = (values: Readonly<Record<string, readonly string[]>>) => [
      net('Quorate.FoundObject', {
        Properties: Object.entries(values).flatMap(([name, list]) =>
          wanted.has(name.toLowerCase()) && list.length > 0 ? [`${name}=${list.join('|')}`] : [],
        ),
      }),
    ];
    const canCreate = mayCreateComputers(world, domain);
    const account = /\(sAMAccountName=([^)]+)\$\)/.exec(filter)?.[1];
    if (account !== undefined) {
      const entry = directoryEntry(world, account);
      if (!entry) return [];
      const isOwn = entry.kind === 'prestaged' || canCreate;
      return found({
        distinguishedName: [`CN=${entry.name},${containerOf(domain)}`],
        // WORKSTATION_TRUST_ACCOUNT 0x1000, ACCOUNTDISABLE 0x2.
        userAccountControl: [isEntryDisabled(world, entry) ? '4098' : '4096'],
        servicePrincipalName: [
          `HOST/${entry.name}`,
          ...(entry.kind === 'cluster' ? [`MSServerClusterMgmtAPI/${entry.name}`] : []),
        ],
        allowedAttributesEffective: isOwn ? ['userAccountControl', 'servicePrincipalName'] : ['description'],
      });
    }
    if (filter !== `(distinguishedName=${containerOf(domain)})`) throw new NotModelled(`a search for ${filter}`);
    rest({ used }, 'directory.rights');
    return found({
      distinguishedName: [containerOf(domain)],
      allowedChildClasses: ['computer', 'group', 'user'],
      allowedChildClassesEffective: canCreate ? ['computer'] : [],
    });
  }),
  changer('sc.exe', 'Arguments', (change, parameters) => {
    requireAdministrator(change);
    const [verb = '', name = '', ...triggers] = parameters.texts('Arguments');
    const service = Object.values(change.server.services).find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (verb.toLowerCase() !== 'triggerinfo' || triggers.length === 0) throw new NotModelled(`sc ${verb}`);
    if (!service) throw refuse('service.notFound', { what: name });
    // The list that is given takes the place of the one that was there.
    service.domainTriggered = triggers.some((one) => /^(start|stop)\/(domainjoin|domainleave)$/i.test(one));
  }),
  changer('mountvol.exe', 'Arguments', (change, parameters) => {
    requireAdministrator(change);
    const [flag = ''] = parameters.texts('Arguments');
    if (!/^\/[en]$/i.test(flag)) throw new NotModelled(`mountvol ${flag}`);
    setAutomount(change, /e/i.test(flag));
  }),
];
