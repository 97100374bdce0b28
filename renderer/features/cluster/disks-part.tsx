import { Button, Field, Input } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import { clusterDiskUse, leastWitnessBytes } from '../../../shared/model/cluster.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { Facts, Mono } from '../../ui/facts.tsx';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { ChangeArea } from '../../ui/plan/change-area.tsx';
import type { PlanCalls } from '../../ui/plan/plan-flow.ts';
import { StagePart } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import type { Cluster, ClusterChange, OnPlan } from './store.ts';
import { diskMarks } from './words.ts';

type Disk = Cluster['disks'][number];

const placeOf = ({ path, driveLetter }: Disk): string => path ?? (driveLetter === null ? '' : `${driveLetter}:`);

const columns: readonly Column<Disk>[] = [
  { id: 'name', title: 'Disk', value: ({ name }) => name },
  {
    id: 'size',
    title: 'Size',
    value: ({ sizeBytes }) => (sizeBytes === null ? null : BigInt(sizeBytes)),
    text: ({ sizeBytes }) => (sizeBytes === null ? 'not known' : formatSize(sizeBytes)),
    isFigures: true,
  },
  { id: 'use', title: 'Use', value: ({ use }) => clusterDiskUse[use] },
  { id: 'owner', title: 'Owner', value: ({ ownerNode }) => ownerNode },
  {
    id: 'state',
    title: 'State',
    value: ({ state }) => diskMarks[state].word,
    render: ({ state }) => <OutcomeMark {...diskMarks[state]} />,
  },
  {
    id: 'place',
    title: 'Folder or letter',
    value: placeOf,
    render: (disk) => <Mono>{placeOf(disk)}</Mono>,
  },
];

const isLargeEnough = ({ sizeBytes }: Disk): boolean => sizeBytes === null || BigInt(sizeBytes) >= leastWitnessBytes;

/** The last part of `C:\ClusterStorage\NAME`. */
const folderOf = ({ path }: Disk): string => path?.split('\\').at(-1) ?? '';

const FolderForm = ({ disk, id, onPlan }: { disk: Disk; id: string; onPlan: OnPlan }): JSX.Element => {
  const [folder, setFolder] = useState(folderOf(disk));
  const newName = folder.trim();
  const isSame = newName === '' || newName === folderOf(disk);
  return (
    <form
      className="q-actions"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSame)
          onPlan({
            title: `Rename the folder of ${disk.name}`,
            changes: [{ do: 'cluster.renameSharedVolume', disk: id, newName }],
          });
      }}
    >
      <Field label="Folder in C:\ClusterStorage" orientation="horizontal">
        <Input autoComplete="off" value={folder} onChange={(_event, { value }) => setFolder(value)} />
      </Field>
      <Button type="submit" disabledFocusable={isSame}>
        Rename folder
      </Button>
    </form>
  );
};

const DiskActions = ({ disk, onPlan }: { disk: Disk; onPlan: OnPlan }): JSX.Element => {
  const [name, setName] = useState(disk.name);
  const { disk: id } = disk;
  const facts = <Facts rows={[['Unique id', id === null ? null : <Mono key="id">{id}</Mono>]]} />;
  if (id === null)
    return (
      <>
        {facts}
        <p className="q-quiet">Its unique id could not be read from this server; open the node that owns it.</p>
      </>
    );
  const newName = name.trim();
  return (
    <>
      {facts}
      <form
        className="q-actions"
        onSubmit={(event) => {
          event.preventDefault();
          if (newName !== '' && newName !== disk.name)
            onPlan({
              title: `Rename ${disk.name}`,
              changes: [{ do: 'cluster.renameResource', disk: id, newName }],
            });
        }}
      >
        <Field label="Name" orientation="horizontal">
          <Input autoComplete="off" value={name} onChange={(_event, { value }) => setName(value)} />
        </Field>
        <Button type="submit" disabledFocusable={newName === '' || newName === disk.name}>
          Rename
        </Button>
      </form>
      {disk.use === 'sharedVolume' && disk.path !== null ? <FolderForm disk={disk} id={id} onPlan={onPlan} /> : null}
      <div className="q-actions" role="group" aria-label={`Actions for ${disk.name}`}>
        {disk.use === 'available' ? (
          <>
            <Button
              onClick={() =>
                onPlan({
                  title: `Make ${disk.name} a Cluster Shared Volume`,
                  changes: [{ do: 'cluster.addSharedVolume', disk: id }],
                })
              }
            >
              Add to Cluster Shared Volumes
            </Button>
            <Button
              disabledFocusable={!isLargeEnough(disk)}
              onClick={() =>
                onPlan({
                  title: `Make ${disk.name} the witness`,
                  changes: [{ do: 'cluster.setQuorum', witness: { kind: 'disk', disk: id } }],
                })
              }
            >
              Use as witness
            </Button>
            <Button
              onClick={() =>
                onPlan({
                  title: `Take ${disk.name} out of the cluster`,
                  changes: [{ do: 'cluster.removeDisk', disk: id }],
                })
              }
            >
              Take out of the cluster
            </Button>
          </>
        ) : disk.use === 'sharedVolume' ? (
          <Button
            onClick={() =>
              onPlan({
                title: `Make ${disk.name} a disk of Available Storage`,
                changes: [{ do: 'cluster.removeSharedVolume', disk: id }],
              })
            }
          >
            Remove from Cluster Shared Volumes
          </Button>
        ) : null}
      </div>
      {disk.use === 'available' && !isLargeEnough(disk) ? (
        <p className="q-quiet">A witness disk needs at least 512 MB.</p>
      ) : null}
    </>
  );
};

/** Disks that every node sees and that are not in the cluster. */
const Available = ({ ids, onPlan }: { ids: readonly string[]; onPlan: OnPlan }): JSX.Element => (
  <>
    <h3>Disks that can be added</h3>
    {ids.length === 0 ? (
      <p className="q-quiet">None: every disk that all nodes see is in the cluster.</p>
    ) : (
      <ul className="c-available">
        {ids.map((id) => (
          <li key={id}>
            <Mono>{id}</Mono>
            <Button
              size="small"
              aria-label={`Add the disk ${id}`}
              onClick={() =>
                onPlan({ title: 'Add a disk to the cluster', changes: [{ do: 'cluster.addDisk', disk: id }] })
              }
            >
              Add
            </Button>
          </li>
        ))}
      </ul>
    )}
  </>
);

/** The disks of the cluster, each with its use, and those that can be added. */
export const DisksPart = ({
  cluster,
  callsOf,
}: {
  cluster: Cluster;
  callsOf: (change: ClusterChange) => PlanCalls;
}): JSX.Element => {
  const [openKey, setOpenKey] = useState<string | null>(null);
  return (
    <StagePart id="disks" title="Disks">
      <DataTable
        name="cluster-disks"
        caption="Disks of the cluster"
        columns={columns}
        rows={cluster.disks}
        keyOf={(disk) => disk.disk ?? disk.name}
        labelOf={({ name }) => `${name}: name and use`}
        openKey={openKey}
        onOpen={setOpenKey}
        empty="The cluster has no disk."
        keepsDetail
        detail={(disk, isGone) => (
          <ChangeArea
            key={disk.disk ?? disk.name}
            callsOf={callsOf}
            isGone={isGone}
            onClose={isGone ? () => setOpenKey(null) : () => undefined}
          >
            {(onPlan: OnPlan) => <DiskActions disk={disk} onPlan={onPlan} />}
          </ChangeArea>
        )}
      />
      <ChangeArea callsOf={callsOf} onClose={() => undefined}>
        {(onPlan: OnPlan) => <Available ids={cluster.availableDisks} onPlan={onPlan} />}
      </ChangeArea>
    </StagePart>
  );
};
