import { isLocallyAdministered } from '../../model/address.ts';
import { finding, overPart, pass, sharedValues, type ClusterRule } from './rule.ts';
import { isSameName } from '../../model/names.ts';

const list = (texts: readonly string[]): string => texts.join(', ');

/** Physical adapters: virtual ones of a host may share what they were made from. */
const hardware = <N extends { readonly isHardware: boolean | null }>(nics: readonly N[]): N[] =>
  nics.filter(({ isHardware }) => isHardware !== false);

/** What no two servers may share: the marks of cloned machines. */
export const identityRules: readonly ClusterRule[] = [
  {
    id: 'clone.nicGuid',
    title: 'Adapters have GUIDs of their own',
    later: 'Cluster networks come and go, or a network shows the adapter of one node only.',
    source: 'Microsoft KB2002405',
    judge: (input) =>
      overPart(input, 'nics', (read) => {
        const [twice] = sharedValues(
          read.map(({ node, value }) => ({ node, values: hardware(value).map(({ interfaceGuid }) => interfaceGuid) })),
        );
        return twice
          ? finding(
              'fail',
              `${list(twice.nodes)} have an adapter with the same GUID ${twice.value}: one was cloned from the other.`,
              'Remove that adapter in Device Manager on one of them, also the hidden ones, and let Windows find it again.',
            )
          : pass('Every adapter has a GUID of its own.');
      }),
  },
  {
    id: 'clone.mac',
    title: 'Adapters have MAC addresses of their own',
    later: 'Nodes lose each other at random; the cluster’s own adapter gets the same address on two nodes.',
    source: 'Microsoft KB969256',
    judge: (input) =>
      overPart(input, 'nics', (read) => {
        const [twice] = sharedValues(
          read.map(({ node, value }) => ({
            node,
            values: hardware(value).flatMap(({ macAddress }) => macAddress ?? []),
          })),
        );
        return twice
          ? finding(
              'fail',
              `${list(twice.nodes)} have an adapter with the same MAC address ${twice.value}.`,
              'Set the address back to the burned-in one, in the properties of the adapter.',
            )
          : pass('No MAC address is used twice.');
      }),
  },
  {
    id: 'nic.universalMac',
    title: 'Each server has a universally administered MAC address',
    later: 'The cluster’s own adapter does not get an address, and the node does not join.',
    source: 'Microsoft KB973838',
    judge: (input) =>
      overPart(input, 'nics', (read) => {
        const without = read.filter(({ value }) => {
          const macs = hardware(value).flatMap(
            ({ permanentAddress, macAddress }) => permanentAddress ?? macAddress ?? [],
          );
          return macs.length > 0 && macs.every(isLocallyAdministered);
        });
        return without.length > 0
          ? finding(
              'warn',
              `Every adapter of ${list(without.map(({ node }) => node))} has a locally administered MAC address.`,
              'Give one adapter the address that its maker burned in.',
            )
          : pass('Each server has one.');
      }),
  },
  {
    id: 'clone.initiator',
    title: 'Initiators have names of their own',
    later:
      'A logon of one server ends the session of the other (RFC 7143, 6.3.5), and the target cannot tell the nodes apart.',
    source: 'RFC 7143, section 4.2.7',
    judge: (input) =>
      overPart(input, 'initiator', (read) => {
        const [twice] = sharedValues(
          read.map(({ node, value }) => ({ node, values: value.iqn === null ? [] : [value.iqn] })),
        );
        const unread = read.find(({ value }) => value.iqn === null);
        if (twice)
          return finding(
            'fail',
            `${list(twice.nodes)} have the same initiator name ${twice.value}.`,
            'Give one of them another: "quorate initiator name IQN"; then log on again.',
          );
        return unread
          ? finding('unknown', `The initiator name of ${unread.node} was not read.`, 'Start the service MSiSCSI there.')
          : pass('Every initiator has a name of its own.');
      }),
  },
  {
    id: 'clone.uuid',
    title: 'Servers are different machines',
    later:
      'Cloned machines share a SID and other identities; joining or authentication fails without naming the cause.',
    source: 'Microsoft KB2012835',
    judge: (input) =>
      overPart(input, 'host', (read) => {
        const [twice] = sharedValues(
          read.map(({ node, value }) => ({ node, values: value.hardware.uuid === null ? [] : [value.hardware.uuid] })),
        );
        return twice
          ? finding(
              'fail',
              `${list(twice.nodes)} show the same SMBIOS UUID ${twice.value}.`,
              'Prepare the copy with sysprep /generalize, or reinstall it.',
            )
          : pass('Each has a UUID of its own.');
      }),
  },
  {
    id: 'lun.identity',
    title: 'Every server sees the same disks',
    later: 'The disk is not offered to the cluster, or validation calls its storage tests not applicable.',
    source: 'Microsoft KB2914974; github.com/dsccommunity/FailoverClusterDsc/issues/200',
    judge: (input) =>
      overPart(input, 'disks', (read) => {
        const shared = read.map(({ node, value }) => ({
          node,
          disks: value.filter(({ busType, isBoot }) => busType === 'iscsi' && !isBoot),
        }));
        const nameless = shared.find(({ disks }) => disks.some(({ uniqueId }) => uniqueId === null));
        if (nameless)
          return finding(
            'fail',
            `${nameless.node} sees an iSCSI disk without an identity (VPD page 83h).`,
            'The target has to give every LUN an identity of its own; "quorate iscsi qualify" shows whether it does.',
          );
        for (const { node, disks } of shared)
          for (const disk of disks) {
            const other = shared.find(
              (one) =>
                !one.disks.some(({ uniqueId }) => uniqueId !== null && isSameName(uniqueId, disk.uniqueId ?? '')),
            );
            if (other)
              return finding(
                'fail',
                `${node} sees the disk ${disk.serialNumber?.trim() || (disk.uniqueId ?? '')}, ${other.node} does not.`,
                `Log ${other.node} on to its target, and check that the target shows it this LUN.`,
              );
            const twice = disks.filter(({ uniqueId }) => uniqueId === disk.uniqueId).length > 1;
            if (twice)
              return finding(
                'fail',
                `${node} sees the disk ${disk.serialNumber?.trim() || (disk.uniqueId ?? '')} once for each path.`,
                'Install Multipath I/O and let it claim iSCSI disks: "quorate initiator mpio".',
              );
          }
        const count = shared[0]?.disks.length ?? 0;
        return count === 0
          ? finding('warn', 'No server sees an iSCSI disk.', 'Log every server on to the target first.')
          : pass(`All see the same ${count} iSCSI ${count === 1 ? 'disk' : 'disks'}.`);
      }),
  },
];
