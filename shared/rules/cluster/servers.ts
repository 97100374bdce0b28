import { shellCommand } from '../../messages/shell-command.ts';
import { languageText } from '../../model/language.ts';
import { installationText, isRestartPending } from '../../model/host.ts';
import { featureStateOf, isHyperVRunning } from '../../model/roles.ts';
import { finding, overPart, pass, type ClusterRule, type Finding } from './rule.ts';

const list = (texts: readonly string[]): string => texts.join(', ');

/** All servers have the same of something. */
const alike = <Value>(
  read: readonly { readonly node: string; readonly value: Value }[],
  show: (value: Value) => string,
  result: 'fail' | 'warn',
  next: string,
): Finding => {
  const texts = new Set(read.map(({ value }) => show(value).toLowerCase()));
  return texts.size > 1
    ? finding(result, list(read.map(({ node, value }) => `${node}: ${show(value)}`)), next)
    : pass(read[0] ? `All: ${show(read[0].value)}.` : 'Nothing was read.');
};

/** What every server has to be before it can be a node. */
export const serverRules: readonly ClusterRule[] = [
  {
    id: 'feature.installed',
    title: 'Failover Clustering is installed everywhere',
    later:
      '"Unable to connect via WMI" or "Failed to access remote registry": the network is blamed for a missing feature.',
    source: 'Console transcript of a cluster formation, 2025-04; github.com/dsccommunity/FailoverClusterDsc/issues/154',
    judge: (input) =>
      overPart(input, 'roles', (read) => {
        const without = read.filter(({ value }) => featureStateOf(value, 'Failover-Clustering') !== 'installed');
        return without.length > 0
          ? finding(
              'fail',
              `${list(without.map(({ node }) => node))} do not have it.`,
              'Install it there: "quorate roles install --feature Failover-Clustering".',
            )
          : pass('It is on every server.');
      }),
  },
  {
    id: 'hypervisor.running',
    title: 'The hypervisor runs where Hyper-V is installed',
    later: 'The role of a virtual machine fails with 0x80004005, "one of the Hyper-V components is not running".',
    source: 'github.com/microsoft/MSLab/issues/353',
    judge: (input) =>
      overPart(input, 'roles', (read) => {
        const asleep = read.filter(
          ({ value }) => featureStateOf(value, 'Hyper-V') !== 'available' && isHyperVRunning(value) !== true,
        );
        return asleep.length > 0
          ? finding(
              'warn',
              `Hyper-V is installed, but not running, on ${list(asleep.map(({ node }) => node))}.`,
              'Restart them; if that does not help, run "quorate readiness" there.',
            )
          : pass('It runs, or Hyper-V is not installed.');
      }),
  },
  {
    id: 'membership.left',
    title: 'No server belongs to another cluster or has leftovers of one',
    later: '"The computer is joined to a cluster", or "The handle is invalid" at the next try.',
    source: 'Microsoft KB555216; github.com/dsccommunity/FailoverClusterDsc/issues/180',
    judge: (input) =>
      overPart(input, 'cluster', (read) => {
        const left = read.find(({ value }) => value.membership === 'leftover');
        if (left)
          return finding(
            'fail',
            `${left.node} holds what a failed creation left behind.`,
            `Clear it: ${shellCommand(['quorate', 'cluster', 'clear-node', left.node])}.`,
          );
        const names = new Set(read.flatMap(({ value }) => value.cluster?.name ?? []));
        const stopped = read.find(({ value }) => value.membership === 'stopped');
        if (stopped)
          return finding(
            'fail',
            `${stopped.node} is a node, and its cluster service is not running.`,
            'Start the service ClusSvc, or evict the node from another node.',
          );
        return names.size > 1
          ? finding(
              'fail',
              `The servers belong to ${list([...names])}.`,
              'Evict the servers that should change cluster.',
            )
          : pass(names.size === 1 ? `All that are nodes belong to ${list([...names])}.` : 'None is in a cluster.');
      }),
  },
  {
    id: 'os.version',
    title: 'The same version of Windows Server',
    later: 'Adding the node fails with 5899, or the functional level stays at the older one.',
    source: 'Microsoft, System Error Codes (4000-5999), 5899; Failover clustering hardware requirements',
    judge: (input) =>
      overPart(input, 'host', (read) =>
        alike(
          read,
          ({ os }) => os.version,
          'fail',
          'Install the same version everywhere before the cluster is formed.',
        ),
      ),
  },
  {
    id: 'os.installation',
    title: 'The same installation option',
    later: 'Validation warns: Server Core and Desktop Experience are mixed.',
    source: 'Microsoft, Test-Cluster: Validate Operating System Installation Option',
    judge: (input) =>
      overPart(input, 'host', (read) =>
        alike(
          read,
          ({ os }) => (os.installation === null ? 'not read' : installationText(os.installation)),
          'warn',
          'It works; choose the same option for all servers next time.',
        ),
      ),
  },
  {
    id: 'os.locale',
    title: 'The same language of Windows',
    later: 'Scripts and templates that name things in one language fail on the other server.',
    source: 'Microsoft, Failover clustering hardware requirements and storage options',
    judge: (input) =>
      overPart(input, 'host', (read) =>
        alike(read, ({ os }) => languageText(os.languageId), 'warn', 'Give the servers the same system locale.'),
      ),
  },
  {
    id: 'domain',
    title: 'The same domain, or all in workgroups',
    later: 'The creation fails: nodes of different domains cannot be in one cluster.',
    source: 'Microsoft, Create a failover cluster',
    judge: (input) =>
      overPart(input, 'host', (read) =>
        alike(
          read,
          ({ membership }) => (membership.kind === 'domain' ? membership.name : 'a workgroup'),
          'fail',
          'Join all servers to one domain, or form a workgroup cluster of servers that are in none.',
        ),
      ),
  },
  {
    id: 'restart.pending',
    title: 'No restart is pending',
    later: 'Adding features or nodes fails half way, and validation warns of update levels.',
    source: 'Microsoft, Test-Cluster: Validate Software Update Levels',
    judge: (input) =>
      overPart(input, 'pendingRestart', (read) => {
        const due = read.filter(({ value }) => isRestartPending(value) === 'pending');
        if (due.length > 0)
          return finding(
            'fail',
            `A restart is pending on ${list(due.map(({ node }) => node))}.`,
            'Restart them, one after the other.',
          );
        const unknown = read.find(({ value }) => isRestartPending(value) !== 'notPending');
        return unknown
          ? finding('unknown', `Not every sign could be read on ${unknown.node}.`, 'Run as an administrator.')
          : pass('No server waits for one.');
      }),
  },
  {
    id: 'disk.automount',
    title: 'New volumes are mounted automatically',
    later: 'The test Validate Disk Failover fails, and volumes do not come online after a move.',
    source: 'Microsoft KB3020013',
    judge: (input) =>
      overPart(input, 'policy', (read) => {
        const off = read.filter(({ value }) => value.automount === false);
        const unread = read.find(({ value }) => value.automount === null);
        if (off.length > 0)
          return finding(
            'fail',
            `Automount is off on ${list(off.map(({ node }) => node))}.`,
            'Turn it on: "quorate disk automount on".',
          );
        return unread
          ? finding('unknown', `This could not be read on ${unread.node}.`, 'Run as an administrator.')
          : pass('Automount is on everywhere.');
      }),
  },
  {
    id: 'disk.gpt',
    title: 'Shared disks use GPT',
    later: 'The disk may not be offered as a witness (one user’s report).',
    source: 'github.com/MicrosoftDocs/windowsserverdocs/issues/7282',
    judge: (input) =>
      overPart(input, 'disks', (read) => {
        const old = read.flatMap(({ node, value }) =>
          value.some(({ busType, partitionStyle }) => busType === 'iscsi' && partitionStyle === 'mbr') ? [node] : [],
        );
        return old.length > 0
          ? finding('warn', `${list(old)} see an iSCSI disk with an MBR.`, 'Initialize it as GPT while it is empty.')
          : pass('None has an MBR.');
      }),
  },
];
