import { Button, Field, Select } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { DiskView, StorageView } from '../../../shared/contract/disk.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { busWords, sanPolicies, type SanPolicy } from '../../../shared/model/disk.ts';
import { whyUnread } from '../../../shared/model/observed.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { Facts, Mono, NotKnown } from '../../ui/facts.tsx';
import { KeyLabel } from '../../ui/key-label.tsx';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { StagePart, UnreadList } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import { ChangeArea } from '../../ui/plan/change-area.tsx';
import type { PlanCalls } from '../../ui/plan/plan-flow.ts';
import type { StorageChange } from './change.ts';
import { PrepareForm, whyNothingToPrepare } from './prepare-form.tsx';
import { DiskDetail } from './disk-detail.tsx';
import { diskReadings } from './store.ts';
import { lettersOf, markOfDisk, stateOfDisk } from './words.ts';

const columnsOf = (elsewhere: ReadonlyMap<string, string>): readonly Column<DiskView>[] => {
  const markOf = (disk: DiskView) => markOfDisk(disk, elsewhere.get(disk.uniqueId ?? ''));
  return [
    {
      id: 'number',
      title: 'Disk',
      value: (disk) => disk.number,
      render: (disk) => <span className="t-short">{`Disk ${disk.number}`}</span>,
    },
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
      isShort: true,
    },
    {
      id: 'bus',
      title: 'Bus',
      value: (disk) => busWords[disk.busType],
      render: (disk) => (
        <>
          {busWords[disk.busType]}
          {disk.isShared ? <div className="q-quiet">shared</div> : null}
        </>
      ),
    },
    { id: 'paths', title: 'Paths', value: (disk) => disk.pathCount, isFigures: true },
    { id: 'state', title: 'State', value: stateOfDisk },
    {
      id: 'content',
      title: 'Content',
      value: (disk) => markOf(disk).word,
      render: (disk) => <OutcomeMark {...markOf(disk)} />,
    },
    { id: 'letters', title: 'Letter', value: lettersOf },
    { id: 'name', title: 'Name', value: (disk) => disk.friendlyName, isExtra: true },
    { id: 'unique', title: 'Unique id', value: (disk) => disk.uniqueId, isFigures: true, isExtra: true },
  ];
};

/** Numbers change with every restart; where there is a unique id it is the key. */
const keyOf = (disk: DiskView): string => disk.uniqueId ?? `number ${disk.number}`;

const policyWords: Readonly<Record<SanPolicy, string>> = {
  OnlineAll: 'Bring all online',
  OfflineShared: 'Keep shared disks offline (default)',
  OfflineAll: 'Keep all offline',
  OfflineInternal: 'Keep internal disks offline',
};

const Policy = ({ view, onPlan }: { view: StorageView; onPlan: (change: StorageChange) => void }): JSX.Element => {
  const { policy } = view;
  const [sanPolicy, setSanPolicy] = useState<SanPolicy | ''>('');
  const [automount, setAutomount] = useState<'' | 'on' | 'off'>('');
  return (
    <>
      <h3>New disks</h3>
      <Facts
        rows={[
          [
            'New disks (SAN policy)',
            policy?.sanPolicy == null ? null : policyWords[policy.sanPolicy],
            policy ? whyUnread(policy, 'sanPolicy') : null,
          ],
          [
            'Drive letters for new volumes',
            policy?.automount == null ? null : policy.automount ? 'Automatic' : 'None',
            policy ? whyUnread(policy, 'automount') : null,
          ],
        ]}
      />
      <details>
        <summary>Change</summary>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            onPlan({
              kind: 'disk',
              title: 'New disks',
              desire: {
                ...(sanPolicy === '' ? {} : { sanPolicy }),
                ...(automount === '' ? {} : { automount: automount === 'on' }),
              },
            });
          }}
        >
          <div className="s-form">
            <Field label="New disks (SAN policy)">
              <Select value={sanPolicy} onChange={(_event, { value }) => setSanPolicy(value as SanPolicy | '')}>
                <option value="">Keep current</option>
                {sanPolicies.map((one) => (
                  <option key={one} value={one}>
                    {policyWords[one]}
                  </option>
                ))}
              </Select>
            </Field>
            <Field label="Drive letters for new volumes">
              <Select value={automount} onChange={(_event, { value }) => setAutomount(value as '' | 'on' | 'off')}>
                <option value="">Keep current</option>
                <option value="on">Automatic</option>
                <option value="off">None</option>
              </Select>
            </Field>
          </div>
          <Button type="submit" disabledFocusable={sanPolicy === '' && automount === ''}>
            Review changes
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
  elsewhere,
  callsOf,
}: {
  host: string;
  view: StorageView;
  /** Unique id -> how the disk stands on another server, where it is offline here. */
  elsewhere: ReadonlyMap<string, string>;
  callsOf: (change: StorageChange) => PlanCalls;
}): JSX.Element => {
  const [openDisk, setOpenDisk] = useState<string | null>(null);
  const [isPreparing, setIsPreparing] = useState(false);
  const whyNot = whyNothingToPrepare(view.disks, elsewhere);
  const canPrepare = whyNot === null;
  useShortcut('d', 'Prepare the shared disks', () => setIsPreparing(!isPreparing), canPrepare);
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
        <Button
          onClick={() => setIsPreparing(!isPreparing)}
          aria-expanded={isPreparing}
          disabledFocusable={!canPrepare}
          aria-keyshortcuts="D"
        >
          <KeyLabel text="Prepare disks" letter="d" />
        </Button>
        <Button onClick={() => void look()} disabledFocusable={isLooking}>
          Rescan
        </Button>
        <span role="status" className="q-quiet">
          {isLooking ? 'Rescanning disks' : (whyNot ?? '')}
        </span>
      </p>
      {failure ? <FailureNote envelope={failure} onDismiss={() => setFailure(null)} /> : null}
      <UnreadList unread={view.unread} />
      {isPreparing ? (
        <ChangeArea callsOf={callsOf} onClose={() => setIsPreparing(false)}>
          {(onPlan: (change: StorageChange) => void) => (
            <PrepareForm view={view} elsewhere={elsewhere} onPlan={onPlan} onClose={() => setIsPreparing(false)} />
          )}
        </ChangeArea>
      ) : null}
      <DataTable
        name="disks"
        caption="Disks of this server"
        columns={columnsOf(elsewhere)}
        rows={view.disks}
        keyOf={keyOf}
        labelOf={(disk) => `Disk ${disk.number}, serial ${disk.serialNumber ?? 'unknown'}: figures and actions`}
        openKey={openDisk}
        onOpen={setOpenDisk}
        empty="Windows shows no disk. Log on to a target, then rescan."
        detail={(disk) => (
          <ChangeArea callsOf={callsOf} onClose={() => undefined}>
            {(onPlan: (change: StorageChange) => void) => (
              <DiskDetail disk={disk} disks={view.disks} letters={view.letters} onPlan={onPlan} />
            )}
          </ChangeArea>
        )}
      />
      <ChangeArea callsOf={callsOf} onClose={() => undefined}>
        {(onPlan: (change: StorageChange) => void) => <Policy view={view} onPlan={onPlan} />}
      </ChangeArea>
    </StagePart>
  );
};
