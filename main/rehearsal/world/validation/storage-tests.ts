import { isReservedByOther, visibleDisks } from '../visible-disks.ts';
import { fqdnOf, outcome, success, type Outcome, type TestRun } from './outcome.ts';
import type { ReportBlock } from './report-html.ts';

const noDisks: Outcome = outcome({
  kind: 'notapplicable',
  text: 'No disks were found on which to perform cluster validation tests.',
});

const onDisks =
  (test: (run: TestRun) => Outcome) =>
  (run: TestRun): Outcome =>
    run.disks.length === 0 ? noDisks : test(run);

const diskTable = (run: TestRun): ReportBlock => ({
  kind: 'table',
  head: ['Disk Number', 'Disk Bus Type', 'Disk Identifier', 'Disk Serial Number'],
  rows: run.disks.map(({ view, bus, uniqueId, serial }) => [String(view.number), bus, uniqueId, serial ?? '']),
});

/** A reservation of somebody who is no node of these keeps the nodes from registering and reserving. */
const reservedByOthers = (run: TestRun): ReportBlock[] =>
  run.disks
    .filter((disk) => isReservedByOther(disk, run.world))
    .map(({ view }) => ({
      kind: 'error',
      text: `Failure issuing call to Persistent Reservation RESERVE on Test Disk ${view.number} from node ${run.nodes[0] ? fqdnOf(run.nodes[0]) : ''} when the disk has an existing reservation. It is expected to succeed. The requested resource is in use.`,
    }));

const reservation = onDisks((run) => {
  const found = reservedByOthers(run);
  return outcome(
    ...run.nodes.map((node): ReportBlock => ({
      kind: 'info',
      text: `Registering PR key for cluster node ${fqdnOf(node)}.`,
    })),
    ...found,
    ...(found.length > 0
      ? []
      : run.disks.map(({ view }): ReportBlock => ({
          kind: 'info',
          text: `Test Disk ${view.number} supports SCSI-3 Persistent Reservation.`,
        }))),
  );
});

const afterReservation = (text: string) =>
  onDisks((run) => {
    const found = reservedByOthers(run);
    return found.length > 0 ? outcome(...found) : success({ kind: 'info', text });
  });

/** Storage that is no Storage Spaces always warns here, and says nothing against it. */
const spacesReservation = onDisks((run) =>
  outcome(
    ...run.disks.map(({ view }): ReportBlock => ({
      kind: 'warn',
      text: `Test Disk ${view.number} does not support SCSI-3 Persistent Reservations commands needed by clustered storage pools that use the Storage Spaces subsystem. Some storage devices require specific firmware versions or settings to function properly with failover clusters. Please contact your storage administrator or storage vendor for help with configuring the storage to function properly with failover clusters that use Storage Spaces.`,
    })),
  ),
);

const vitalProductData = onDisks((run) => {
  const serials = run.disks.flatMap(({ serial }) => serial ?? []);
  const twice = serials.filter((serial, at) => serials.indexOf(serial) !== at);
  return outcome(
    diskTable(run),
    ...twice.map((serial): ReportBlock => ({
      kind: 'error',
      text: `More than one disk has the identifier ${serial}.`,
    })),
  );
});

/** Without MPIO every path is a disk of its own. */
const multipath = onDisks((run) =>
  outcome(
    ...run.nodes.flatMap((node): ReportBlock[] =>
      visibleDisks(run.world, node)
        .filter(({ redundant }) => redundant)
        .map(({ view }) => ({
          kind: 'error',
          text: `Disk ${view.number} on node ${fqdnOf(node)} has more than one path, and multipath I/O does not hold it.`,
        })),
    ),
    { kind: 'info', text: 'Validating disks that use Microsoft Multipath I/O (MPIO).' },
  ),
);

const fileSystem = onDisks((run) =>
  outcome(
    ...run.disks.map((disk): ReportBlock => {
      const volume = disk.content.partitions.find((one) => one.volume)?.volume;
      return {
        kind: 'info',
        text: `The file system on disk ${disk.view.number} is ${volume?.fileSystem ?? 'RAW'}.`,
      };
    }),
  ),
);

const sharedVolumes = ({ world, nodes }: TestRun): Outcome =>
  success(
    ...nodes
      .filter(({ computerName }) => !world.cluster?.nodes.some(({ name }) => name === computerName))
      .map((node): ReportBlock => ({
        kind: 'info',
        text: `Server ${fqdnOf(node)} is not a clustered node. This test is only run on clustered nodes.`,
      })),
  );

const listDisks = (run: TestRun): Outcome =>
  success(
    ...run.nodes.flatMap((node): ReportBlock[] => [
      { kind: 'node', name: fqdnOf(node) },
      {
        kind: 'table',
        head: ['Disk Number', 'Disk Bus Type', 'Disk Identifier', 'Disk Serial Number'],
        rows: visibleDisks(run.world, node).map(({ view, bus, uniqueId, serial }) => [
          String(view.number),
          bus,
          uniqueId,
          serial ?? '',
        ]),
      },
    ]),
  );

export const storageTests: Readonly<Record<string, (run: TestRun) => Outcome>> = {
  'List Disks': listDisks,
  'List Disks To Be Validated': onDisks((run) => success(diskTable(run))),
  'Validate CSV Network Bindings': ({ nodes }) =>
    success(...nodes.map((node): ReportBlock => ({ kind: 'node', name: fqdnOf(node) }))),
  'Validate CSV Settings': sharedVolumes,
  'Validate Disk Access Latency': onDisks((run) => success(diskTable(run))),
  'Validate Disk Arbitration': afterReservation('The disk was owned by the node that arbitrated for it.'),
  'Validate Disk Failover': afterReservation('Each disk failed over with its data intact.'),
  'Validate File System': fileSystem,
  'Validate Microsoft MPIO-based disks': multipath,
  'Validate Multiple Arbitration': afterReservation('Only one node obtained control.'),
  'Validate SCSI device Vital Product Data (VPD)': vitalProductData,
  'Validate SCSI-3 Persistent Reservation': reservation,
  'Validate Simultaneous Failover': afterReservation('The disks failed over at the same time.'),
  'Validate Storage Spaces Persistent Reservation': spacesReservation,
};
