import { defineBehaviours, inferred } from '../behaviour.ts';

/** Test-Cluster, and the report that it writes. */
export const validationBehaviours = defineBehaviours({
  'validation.node.unreachable': {
    kind: 'refusal',
    what: 'Test-Cluster does not start where it cannot reach WMI on a node; so it is on a node without the feature Failover Clustering [I].',
    at: ['Test-Cluster'],
    source: inferred,
    error: {
      id: 'Test-Cluster',
      command: 'Microsoft.FailoverClusters.PowerShell.TestClusterCommand',
      category: 'NotSpecified',
      hresult: 0x800706ba,
      win32: 1722,
      message:
        'Unable to connect to the node via WMI.  This may be due to networking issues or firewall configuration.',
    },
    failure: 'VALIDATION_NODE_UNREACHABLE',
  },
  'validation.test.unknown': {
    kind: 'refusal',
    what: 'A selection that names no test of this Windows leaves nothing to run.',
    at: ['Test-Cluster'],
    source: inferred,
    error: {
      id: 'Test-Cluster',
      command: 'Microsoft.FailoverClusters.PowerShell.TestClusterCommand',
      category: 'InvalidArgument',
      message: 'No tests were selected.',
    },
    failure: 'VALIDATION_TEST_UNKNOWN',
  },
  'validation.report.layout': {
    kind: 'effect',
    what: 'The report is HTML with a byte order mark: a table of categories, one table of tests for each, one section for each test in alphabetical order. The result words Warning and Failed and their pictures are in no published report [I].',
    at: ['Test-Cluster'],
    source: 'https://github.com/microsoft/MSLab',
  },
  'validation.cancelled': {
    kind: 'effect',
    what: 'A run that is cancelled writes its report all the same, and the tests that did not run are Canceled in it.',
    at: ['Test-Cluster'],
    source: inferred,
  },
  'validation.warnings': {
    kind: 'effect',
    what: 'Each test that is not clean is told on the warning stream as "Category - Test: ..", beside the report; the words for a failure are inferred.',
    at: ['Test-Cluster'],
    source: inferred,
  },
});
