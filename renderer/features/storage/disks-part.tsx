import { Button, Field, Select } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { DiskView, StorageView } from '../../../shared/contract/disk.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { sanPolicies, type SanPolicy } from '../../../shared/model/disk.ts';
import { whyUnread } from '../../../shared/model/observed.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { Facts, Mono, NotKnown } from '../../ui/facts.tsx';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { StagePart, UnreadList } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import type { StorageChange } from './change.ts';
import { DiskDetail } from './disk-detail.tsx';
import { diskReadings } from './store.ts';
import { busWords, markOfDisk, stateOfDisk } from './words.ts';

const columns: readonly Column<DiskView>[] = [
  { id: 'number', title: 'Disk', value: (disk) => disk.number, render: (disk) => `Disk ${disk.number}` },
  {
    id: 'serial',
    title: 'Serial number',
    value: (disk) => disk.serialNumber,
    render: (disk) => (disk.serialNumber === null ? <NotKnown /> : <Mono>{disk.serialNumber}</Mono>),
  },
  {
    id: 'size',
    title: 'Size',
    value: (disk) => BigInt(disk.sizeBytes),
    text: (disk) => formatSize(disk.sizeBytes),
    isFigures: true,
  },
  {
    id: 'bus',
    title: 'Bus',
    value: (disk) => busWords[disk.busType] ?? disk.busType,
    render: (disk) => (
      <>
        {busWords[disk.busType] ?? disk.busType}
        {disk.isShared ? <div className="q-quiet">shared</div> : null}
      </>
    ),
  },
  { id: 'paths', title: 'Paths', value: (disk) => disk.pathCount, isFigures: true },
  { id: 'state', title: 'State', value: stateOfDisk },
  {
    id: 'content',
    title: 'Content',
    value: (disk) => markOfDisk(disk).word,
    render: (disk) => <OutcomeMark {...markOfDisk(disk)} />,
  },
  { id: 'name', title: 'Name', value: (disk) => disk.friendlyName, isExtra: true },
  { id: 'unique', title: 'Unique id', value: (disk) => disk.uniqueId, isFigures: true, isExtra: true },
];

/** Numbers change with every restart; where there is a unique id it is the key. */
const keyOf = (disk: DiskView): string => disk.uniqueId ?? `number ${disk.number}`;

const policyWords: Readonly<Record<SanPolicy, string>> = {
  OnlineAll: 'Online, all of them',
  OfflineShared: 'Offline where they are shared (the usual one)',
  OfflineAll: 'Offline, all of them',
  OfflineInternal: 'Offline where they are internal',
};

const Policy = ({ view, onPlan }: { view: StorageView; onPlan: (change: StorageChange) => void }): JSX.Element => {
  const { policy } = view;
  const [sanPolicy, setSanPolicy] = useState<SanPolicy | ''>('');
  const [automount, setAutomount] = useState<'' | 'on' | 'off'>('');
  return (
    <>
      <h3>What Windows does with new disks</h3>
      <Facts
        rows={[
          [
            'New disks come',
            policy?.sanPolicy == null ? null : policyWords[policy.sanPolicy],
            policy ? whyUnread(policy, 'sanPolicy') : null,
          ],
          [
            'New volumes get a letter',
            policy?.automount == null ? null : policy.automount ? 'By themselves' : 'No',
            policy ? whyUnread(policy, 'automount') : null,
          ],
        ]}
      />
      <details>
        <summary>Change it</summary>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            onPlan({
              kind: 'disk',
              title: 'What Windows does with new disks',
              desire: {
                ...(sanPolicy === '' ? {} : { sanPolicy }),
                ...(automount === '' ? {} : { automount: automount === 'on' }),
              },
            });
          }}
        >
          <div className="s-form">
            <Field label="New disks come">
              <Select value={sanPolicy} onChange={(_event, { value }) => setSanPolicy(value as SanPolicy | '')}>
                <option value="">As it is</option>
                {sanPolicies.map((one) => (
                  <option key={one} value={one}>
                    {policyWords[one]}
                  </option>
                ))}
              </Select>
            </Field>
            <Field label="New volumes get a letter">
              <Select value={automount} onChange={(_event, { value }) => setAutomount(value as '' | 'on' | 'off')}>
                <option value="">As it is</option>
                <option value="on">By themselves</option>
                <option value="off">No</option>
              </Select>
            </Field>
          </div>
          <Button type="submit" disabledFocusable={sanPolicy === '' && automount === ''}>
            Plan this change
          </Button>
        </form>
      </details>
    </>
  );
};

/** Every disk by its serial number, with what is on it; each opens to its figures and to what can be done with it. */
export const DisksPart = ({
  host,
  view,
  onPlan,
}: {
  host: string;
  view: StorageView;
  onPlan: (change: StorageChange) => void;
}): JSX.Element => {
  const [openDisk, setOpenDisk] = useState<string | null>(null);
  const [isLooking, setIsLooking] = useState(false);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const look = async (): Promise<void> => {
    setIsLooking(true);
    setFailure(null);
    try {
      diskReadings.put(host, await call('disk.rescan', { server: host }));
    } catch (error) {
      setFailure(envelopeOf(error));
    }
    setIsLooking(false);
  };
  return (
    <StagePart id="disks" title="Disks">
      <p className="q-actions">
        <Button onClick={() => void look()} disabledFocusable={isLooking}>
          Look for disks
        </Button>
        <span role="status" className="q-quiet">
          {isLooking ? 'Looking for disks that came or went' : ''}
        </span>
      </p>
      {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
      <UnreadList unread={view.unread} />
      <DataTable
        name="disks"
        caption="Disks of this server"
        columns={columns}
        rows={view.disks}
        keyOf={keyOf}
        labelOf={(disk) => `Disk ${disk.number}, serial ${disk.serialNumber ?? 'not known'}: figures and actions`}
        openKey={openDisk}
        onOpen={setOpenDisk}
        empty="Windows shows no disk at all. Log on to a target, then look for disks."
        detail={(disk) => <DiskDetail key={keyOf(disk)} disk={disk} letters={view.letters} onPlan={onPlan} />}
      />
      <Policy view={view} onPlan={onPlan} />
    </StagePart>
  );
};
