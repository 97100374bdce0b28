import { Button, Select } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { DiskView, StorageView } from '../../../shared/contract/disk.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { Mono } from '../../ui/facts.tsx';
import { Panel } from '../../ui/panel.tsx';
import type { StorageChange } from './change.ts';
import { usualPurpose } from './disk-change.ts';
import { lettersFor } from './letters.ts';
import { markOfDisk } from './words.ts';

/** A shared disk that Quorate can name and that is not prepared. One that holds data is prepared by itself, in its own row. */
export const isToPrepare = (disk: DiskView, elsewhere: ReadonlyMap<string, string>): boolean =>
  disk.isShared &&
  !elsewhere.has(disk.uniqueId ?? '') &&
  disk.prepared === null &&
  disk.uniqueId !== null &&
  (disk.content.kind === 'blank' || (disk.content.kind === 'unknown' && disk.isOffline));

/** Why there is nothing to prepare, with the way on; null where there is something. */
export const whyNothingToPrepare = (
  disks: readonly DiskView[],
  elsewhere: ReadonlyMap<string, string>,
): string | null => {
  const shared = disks.filter(({ isShared }) => isShared);
  if (shared.some((disk) => isToPrepare(disk, elsewhere))) return null;
  if (shared.length === 0) return 'No shared disk is visible yet. Log on to a target under Connections.';
  return shared.every(({ prepared, uniqueId }) => prepared !== null || elsewhere.has(uniqueId ?? ''))
    ? 'Every shared disk is ready.'
    : 'No shared disk that is left is known to be blank. Open one in the table to see what is on it, and to prepare it.';
};

type Purpose = 'witness' | 'data' | 'none';

/** All shared disks that are not prepared, in one change: what each is for, and the letter that follows. */
export const PrepareForm = ({
  view,
  elsewhere,
  onPlan,
  onClose,
}: {
  view: StorageView;
  /** Disks that another server has prepared, by unique id. */
  elsewhere: ReadonlyMap<string, string>;
  onPlan: (change: StorageChange) => void;
  onClose: () => void;
}): JSX.Element => {
  const disks = view.disks.filter((disk) => isToPrepare(disk, elsewhere));
  const [purposes, setPurposes] = useState<Readonly<Record<string, Purpose>>>(() =>
    Object.fromEntries(disks.map((disk): [string, Purpose] => [disk.uniqueId ?? '', usualPurpose(disk, view.disks)])),
  );
  const purposeOf = (disk: DiskView): Purpose => purposes[disk.uniqueId ?? ''] ?? 'none';
  const chosen = disks.filter((disk) => purposeOf(disk) !== 'none');
  const letters = lettersFor(
    chosen.map((disk) => ({ id: disk.uniqueId ?? '', purpose: purposeOf(disk) === 'witness' ? 'witness' : 'data' })),
    view.letters,
  );
  return (
    <Panel title="Prepare disks" level="h3" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onPlan({
            kind: 'disk',
            title: 'Prepare disks',
            desire: {
              disks: chosen.flatMap((disk) => {
                const assigned = letters.get(disk.uniqueId ?? '');
                return disk.uniqueId === null || !assigned
                  ? []
                  : [
                      {
                        disk: disk.uniqueId,
                        purpose: assigned.purpose,
                        volume: { driveLetter: assigned.letter, label: assigned.label },
                      },
                    ];
              }),
            },
          });
        }}
      >
        <p>Brings each disk online and creates one NTFS volume on it (GPT). Only blank disks are written to.</p>
        <table className="t-table" aria-label="Disks to prepare">
          <thead>
            <tr>
              <th scope="col">Disk</th>
              <th scope="col">Serial number</th>
              <th scope="col">Size</th>
              <th scope="col">Purpose</th>
              <th scope="col">Volume</th>
            </tr>
          </thead>
          <tbody>
            {disks.map((disk) => {
              const assigned = letters.get(disk.uniqueId ?? '');
              return (
                <tr key={disk.uniqueId}>
                  <th scope="row">
                    Disk {disk.number}
                    <div className="q-quiet">{markOfDisk(disk).word}</div>
                  </th>
                  <td>
                    <Mono>{disk.serialNumber ?? 'unknown'}</Mono>
                  </td>
                  <td className="q-figures">{formatSize(disk.sizeBytes)}</td>
                  <td>
                    <Select
                      aria-label={`Purpose of disk ${disk.number}`}
                      size="small"
                      value={purposeOf(disk)}
                      onChange={(_event, { value }) =>
                        setPurposes({ ...purposes, [disk.uniqueId ?? '']: value as Purpose })
                      }
                    >
                      <option value="witness">Cluster witness</option>
                      <option value="data">Data and virtual machines</option>
                      <option value="none">Do not prepare</option>
                    </Select>
                  </td>
                  <td>{assigned ? `${assigned.letter ?? 'no letter'}: ${assigned.label}` : 'none'}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
        <Button type="submit" appearance="primary" disabledFocusable={chosen.length === 0}>
          Review changes
        </Button>
      </form>
    </Panel>
  );
};
