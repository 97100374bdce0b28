import { Button, Checkbox, Field, Input, Select } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { DiskView, StorageView } from '../../../shared/contract/disk.ts';
import { busWords, defaultLetters, fileSystems, type FileSystem } from '../../../shared/model/disk.ts';
import { whyUnread } from '../../../shared/model/observed.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { Facts, Mono } from '../../ui/facts.tsx';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { UnreadList } from '../../ui/stage-head.tsx';
import type { StorageChange } from './change.ts';
import { desireOfDisk, usualPurpose, type DiskForm } from './disk-change.ts';
import { markOfDisk, describeDisk, stateOfDisk } from './words.ts';

const DiskFacts = ({ disk }: { disk: DiskView }): JSX.Element => (
  <Facts
    rows={[
      ['Name', <bdi key="name">{disk.friendlyName}</bdi>],
      [
        'Serial number',
        disk.serialNumber === null ? null : <Mono>{disk.serialNumber}</Mono>,
        whyUnread(disk, 'serialNumber'),
      ],
      ['Unique id', disk.uniqueId === null ? null : <Mono>{disk.uniqueId}</Mono>, whyUnread(disk, 'uniqueId')],
      ['Size', `${formatSize(disk.sizeBytes)} (${disk.sizeBytes} bytes)`],
      ['Sectors', `${disk.logicalSectorBytes} bytes, on the medium ${disk.physicalSectorBytes} bytes`],
      ['Bus', `${busWords[disk.busType]}${disk.isShared ? ', shared' : ''}`],
      ['Paths', disk.pathCount === null ? null : String(disk.pathCount), whyUnread(disk, 'pathCount')],
      ['State', stateOfDisk(disk)],
      ['Partition table', { raw: 'None', gpt: 'GPT', mbr: 'MBR' }[disk.partitionStyle]],
      [
        'Content',
        <>
          <OutcomeIcon outcome={markOfDisk(disk).outcome} /> <bdi>{disk.content.text}</bdi>
        </>,
      ],
      [
        'Health',
        disk.healthStatus === 'unknown'
          ? null
          : { healthy: 'Healthy', warning: 'Warning', unhealthy: 'Unhealthy' }[disk.healthStatus],
      ],
    ]}
  />
);

const Volumes = ({ disk }: { disk: DiskView }): JSX.Element | null => {
  if (!disk.partitions || disk.partitions.length === 0) return null;
  return (
    <table className="t-table" aria-label={`Partitions of disk ${disk.number}`}>
      <thead>
        <tr>
          <th scope="col">Partition</th>
          <th scope="col">Letter</th>
          <th scope="col">Label</th>
          <th scope="col">File system</th>
          <th scope="col">Size</th>
        </tr>
      </thead>
      <tbody>
        {disk.partitions.map((partition) => (
          <tr key={partition.partitionNumber}>
            <td className="q-figures">{partition.partitionNumber}</td>
            <td>{partition.driveLetter ? `${partition.driveLetter}:` : 'none'}</td>
            <td>
              <bdi>{partition.volume?.label || 'without a label'}</bdi>
            </td>
            <td>{partition.volume ? (partition.volume.fileSystem ?? 'none (RAW)') : 'no volume'}</td>
            <td className="q-figures">{formatSize(partition.sizeBytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

const letters = 'CDEFGHIJKLMNOPQRSTUVWXYZ'.split('');

/** One disk: its figures, what is on it, and what can be done with it. */
export const DiskDetail = ({
  disk,
  disks,
  letters: taken,
  onPlan,
}: {
  disk: DiskView;
  /** All disks: whether there is a witness already decides what this one is for. */
  disks: readonly DiskView[];
  letters: StorageView['letters'];
  onPlan: (change: StorageChange) => void;
}): JSX.Element => {
  const [form, setForm] = useState<DiskForm>({
    purpose: usualPurpose(disk, disks),
    fileSystem: 'NTFS',
    label: '',
    driveLetter: '',
    partitionStyle: 'gpt',
    discardContent: false,
  });
  const set = (part: Partial<DiskForm>): void => setForm({ ...form, ...part });
  const { uniqueId } = disk;
  if (uniqueId === null || disk.isBoot || disk.isSystem)
    return (
      <>
        <DiskFacts disk={disk} />
        <Volumes disk={disk} />
        <p className="q-quiet">
          {uniqueId === null
            ? 'This disk reports no identity (VPD page 83h). Quorate does not change a disk that it cannot identify.'
            : 'This is the system disk. Quorate does not change it.'}
        </p>
      </>
    );
  const change = (title: string, desire: object): void =>
    onPlan({
      kind: 'disk',
      title: `${title}: ${describeDisk(disk)}`,
      desire: { disks: [{ disk: uniqueId, ...desire }] },
    });
  const isTaken = (letter: string): boolean =>
    taken?.some((one) => one.letter.toUpperCase().startsWith(letter)) ?? false;
  return (
    <div>
      <DiskFacts disk={disk} />
      <UnreadList unread={disk.unread} />
      <Volumes disk={disk} />
      <p className="q-actions">
        <Button onClick={() => change(disk.isOffline ? 'Bring online' : 'Take offline', { online: disk.isOffline })}>
          {disk.isOffline ? 'Bring online' : 'Take offline'}
        </Button>
        {disk.isReadOnly ? (
          <Button onClick={() => change('Make writable', { writable: true })}>Make writable</Button>
        ) : null}
      </p>
      <h3>Prepare</h3>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onPlan({
            kind: 'disk',
            title: `Prepare ${describeDisk(disk)}`,
            desire: { disks: [desireOfDisk(uniqueId, form)] },
          });
        }}
      >
        <div className="s-form">
          <Field label="Purpose">
            <Select
              value={form.purpose}
              onChange={(_event, { value }) => set({ purpose: value as DiskForm['purpose'] })}
            >
              <option value="data">Data and virtual machines</option>
              <option value="witness">Cluster witness</option>
            </Select>
          </Field>
          <Field label="Letter" hint={`Default: ${defaultLetters[form.purpose]}:`}>
            <Select value={form.driveLetter} onChange={(_event, { value }) => set({ driveLetter: value })}>
              <option value="">Default</option>
              {letters.map((letter) => (
                <option key={letter} value={letter} disabled={isTaken(letter)}>
                  {letter}:{isTaken(letter) ? ' (in use)' : ''}
                </option>
              ))}
            </Select>
          </Field>
          <Field label="Label">
            <Input value={form.label} maxLength={32} onChange={(_event, { value }) => set({ label: value })} />
          </Field>
          <Field label="File system">
            <Select value={form.fileSystem} onChange={(_event, { value }) => set({ fileSystem: value as FileSystem })}>
              {fileSystems.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </Select>
          </Field>
          <Field label="Partition table">
            <Select
              value={form.partitionStyle}
              onChange={(_event, { value }) => set({ partitionStyle: value as 'gpt' | 'mbr' })}
            >
              <option value="gpt">GPT</option>
              <option value="mbr">MBR</option>
            </Select>
          </Field>
          {disk.content.kind === 'blank' ? null : (
            <Checkbox
              className="s-wide"
              checked={form.discardContent}
              onChange={(_event, { checked }) => set({ discardContent: checked === true })}
              label={`Format although it is not blank: all data on ${describeDisk(disk)} will be lost`}
            />
          )}
        </div>
        {form.discardContent ? (
          <p className="p-danger">
            <OutcomeIcon outcome="fail" /> You will be asked for its serial number.
          </p>
        ) : null}
        <Button type="submit" appearance="primary">
          Review changes
        </Button>
      </form>
    </div>
  );
};
