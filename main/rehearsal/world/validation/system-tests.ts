import { fqdnOf, outcome, success, type Outcome, type TestRun } from './outcome.ts';
import type { ReportBlock } from './report-html.ts';
import type { ServerState } from '../state.ts';

const table = (nodes: readonly ServerState[], title: string, cell: (node: ServerState) => string): ReportBlock => ({
  kind: 'table',
  head: ['Node', title],
  rows: nodes.map((node) => [fqdnOf(node), cell(node)]),
});

/** A test that all servers have the same of something. */
const same =
  (title: string, cell: (node: ServerState) => string, kind: 'error' | 'warn', text: string) =>
  ({ nodes }: TestRun): Outcome =>
    outcome(
      table(nodes, title, cell),
      ...(new Set(nodes.map((node) => cell(node).toLowerCase())).size > 1 ? [{ kind, text }] : []),
    );

const activeDirectory = ({ nodes }: TestRun): Outcome => {
  const domains = new Set(nodes.map(({ membership }) => (membership.kind === 'domain' ? membership.name : null)));
  return outcome(
    {
      kind: 'info',
      text: 'Validating that all nodes have the same domain, domain role, and organizational unit.',
    },
    {
      kind: 'table',
      head: ['Fqdn', 'Domain', 'Domain Role'],
      rows: nodes.map((node) => [
        fqdnOf(node),
        node.membership.name,
        node.membership.kind === 'domain' ? 'Member Server' : 'Stand-alone Server',
      ]),
    },
    ...(domains.size > 1
      ? [{ kind: 'error' as const, text: 'The nodes are not all members of the same domain.' }]
      : domains.has(null)
        ? [{ kind: 'warn' as const, text: 'The nodes are not members of an Active Directory domain.' }]
        : []),
  );
};

const updates = ({ nodes }: TestRun): Outcome =>
  outcome(
    { kind: 'info', text: 'Validating that all servers have the same software updates...' },
    ...nodes.flatMap((node): ReportBlock[] => [
      { kind: 'info', text: `Software Updates missing on '${fqdnOf(node)}':` },
      { kind: 'info', text: 'All software updates present' },
      ...(node.pending.componentServicing || node.pending.windowsUpdate
        ? [{ kind: 'warn' as const, text: `Node ${fqdnOf(node)} has a reboot pending.` }]
        : []),
    ]),
  );

const hyperV = ({ nodes }: TestRun): Outcome => {
  const has = (node: ServerState): boolean => node.features['Hyper-V']?.state === 'installed';
  return outcome(
    { kind: 'info', text: 'Validating that the Hyper-V server role is installed on all nodes.' },
    table(nodes, 'Hyper-V Installed', (node) => (has(node) ? 'True' : 'False')),
    ...(nodes.some(has)
      ? nodes
          .filter((node) => !has(node))
          .map((node): ReportBlock => ({
            kind: 'error',
            text: `The Hyper-V server role is not installed on node ${fqdnOf(node)}.`,
          }))
      : [{ kind: 'notapplicable' as const, text: 'The Hyper-V server role is not installed on any node.' }]),
  );
};

const switches = ({ nodes }: TestRun): Outcome => {
  const names = [...new Set(nodes.flatMap((node) => (node.switches ?? []).map(({ name }) => name)))];
  return outcome(
    table(nodes, 'Virtual Switches', (node) => (node.switches ?? []).map(({ name }) => name).join(', ')),
    ...nodes.flatMap((node) =>
      names
        .filter((name) => !(node.switches ?? []).some((one) => one.name === name))
        .map((name): ReportBlock => ({
          kind: 'warn',
          text: `The virtual switch ${name} is not on node ${fqdnOf(node)}.`,
        })),
    ),
  );
};

const manufacturerOf = ({ hardware }: ServerState): string => (/amd/i.test(hardware.processor) ? 'AMD' : 'Intel');

export const systemTests: Readonly<Record<string, (run: TestRun) => Outcome>> = {
  'List System Information': ({ nodes }) =>
    success(table(nodes, 'Model', ({ hardware }) => `${hardware.manufacturer} ${hardware.model}`)),
  'List Memory Information': ({ nodes }) =>
    success(table(nodes, 'Total Physical Memory', ({ hardware }) => hardware.memoryBytes)),
  'List Operating System Information': ({ nodes }) => success(table(nodes, 'Caption', ({ caption }) => caption)),
  'Validate Hyper-V Role Installed': hyperV,
  'Validate Hyper-V Network Resource Pool And Virtual Switch Compatibility': switches,
  'Validate Matching Processor Manufacturers': same(
    'Manufacturer',
    manufacturerOf,
    'error',
    'The nodes do not have processors of the same manufacturer.',
  ),
  'Validate Active Directory Configuration': activeDirectory,
  'Validate Operating System Version': same(
    'Operating System Version',
    ({ version }) => version,
    'error',
    'The servers are not running the same version of the operating system.',
  ),
  'Validate Operating System Installation Option': same(
    'Installation Option',
    ({ core }) => (core ? 'Server Core' : 'Server with Desktop Experience'),
    'warn',
    'The servers do not use the same installation option.',
  ),
  'Validate Operating System Edition': ({ nodes }) =>
    success(table(nodes, 'Operating System Supports Clustering', () => 'Supported')),
  'Validate Software Update Levels': updates,
};
