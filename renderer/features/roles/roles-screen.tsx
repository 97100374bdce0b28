import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import { isHyperVRunning, roleFeatureNames, roleFeatures } from '../../../shared/model/roles.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { Facts, Mono } from '../../ui/facts.tsx';
import { KeyLabel } from '../../ui/key-label.tsx';
import { useNavigation } from '../../ui/navigation.ts';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { ChangeArea } from '../../ui/plan/change-area.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { StageEmpty } from '../../ui/stage-empty.tsx';
import { StageHead, StagePart, UnreadList } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import { useStage } from '../../ui/use-stage.ts';
import { FeaturesForm } from './features-form.tsx';
import { callsFor, rolesReadings, type RolesChange, type RolesView } from './store.ts';
import { featurePurposes, isNeeded, markOfFeature, type FeatureRow } from './words.ts';

const purpose =
  'Installs the roles and features of a Hyper-V cluster node, and shows whether the hypervisor is running.';

const columns: readonly Column<FeatureRow>[] = [
  { id: 'title', title: 'Feature', value: ({ name }) => roleFeatures[name].title },
  {
    id: 'state',
    title: 'State',
    value: (row) => markOfFeature(row).word,
    render: (row) => <OutcomeMark {...markOfFeature(row)} />,
  },
  { id: 'needed', title: 'For a node', value: ({ name }) => (isNeeded(name) ? 'Required' : 'Optional') },
  { id: 'restart', title: 'Restart', value: ({ name }) => (roleFeatures[name].restart ? 'Yes' : 'No') },
  { id: 'name', title: 'Name', value: ({ name }) => name, isFigures: true, isExtra: true },
];

const Detail = ({ row, onPlan }: { row: FeatureRow; onPlan: (change: RolesChange) => void }): JSX.Element => {
  const { title } = roleFeatures[row.name];
  return (
    <>
      <Facts
        rows={[
          ['Purpose', featurePurposes[row.name]],
          ['Name', <Mono key="name">{row.name}</Mono>],
        ]}
      />
      <p className="q-actions">
        {row.state === 'installed' ? (
          <Button
            onClick={() =>
              onPlan({ title: `Remove ${title}`, changes: [{ do: 'roles.remove', features: [row.name] }] })
            }
          >
            Remove
          </Button>
        ) : row.state === 'available' || row.state === 'removed' ? (
          <Button
            onClick={() =>
              onPlan({
                title: `Install ${title}`,
                changes: [{ do: 'roles.install', features: [row.name], source: null }],
              })
            }
          >
            Install
          </Button>
        ) : null}
      </p>
    </>
  );
};

const managementWords = { running: 'Running', stopped: 'Stopped', absent: 'Not there' } as const;

/** Installed is not enough: the hypervisor has to run. */
const Hypervisor = ({ view: { state } }: { view: RolesView }): JSX.Element => {
  const go = useNavigation(({ go: goTo }) => goTo);
  const isOff =
    isHyperVRunning(state) === false &&
    state.features.some((one) => one.name === 'Hyper-V' && one.state === 'installed');
  const because = (property: string): string | null =>
    state.unread.find((one) => one.property === property)?.because ?? null;
  return (
    <StagePart
      id="hypervisor"
      title="Hypervisor"
      says="Hyper-V counts as installed only while the hypervisor is running."
    >
      <Facts
        rows={[
          [
            'Hypervisor',
            state.hypervisorPresent === null ? null : state.hypervisorPresent ? 'Running' : 'Not running',
            because('hypervisorPresent'),
          ],
          [
            'Management service',
            state.managementService === null ? null : `${managementWords[state.managementService]} (vmms)`,
            because('managementService'),
          ],
        ]}
      />
      {isOff ? (
        <p className="q-actions">
          <span>Readiness says which setting of the firmware or of Windows keeps it off.</span>
          <Button size="small" onClick={() => go('readiness')}>
            Open Readiness
          </Button>
        </p>
      ) : null}
    </StagePart>
  );
};

/** Roles and features of a node: what is there, what is missing, and the restart that some of them want. */
const RolesScreen = (): JSX.Element => {
  const { host, reading } = useStage(rolesReadings);
  const go = useNavigation((state) => state.go);
  const [isChoosing, setIsChoosing] = useState(false);
  const [openKey, setOpenKey] = useState<string | null>(null);
  const read = (): void => void rolesReadings.read(host);
  const { data } = reading;
  useShortcut('r', 'Refresh the roles', read);
  useShortcut('i', 'Install roles and features', () => setIsChoosing(!isChoosing), data !== null);
  if (!data)
    return (
      <StageEmpty
        title="Roles"
        purpose={purpose}
        reading={reading}
        onRead={read}
        onCancel={() => rolesReadings.cancel(host)}
      />
    );
  const rows = roleFeatureNames.map((name): FeatureRow => ({
    name,
    state: data.state.features.find((one) => one.name === name)?.state ?? null,
  }));
  const isWaiting = rows.some(({ state }) => state === 'installPending' || state === 'uninstallPending');
  const callsOf = callsFor(host);
  return (
    <article className="s-screen" aria-labelledby="stage-title" aria-busy={reading.isReading}>
      <StageHead
        outcome={data.standing.outcome}
        answer={data.standing.text}
        purpose={purpose}
        reading={reading}
        onRead={read}
        onCancel={() => rolesReadings.cancel(host)}
      >
        <Button onClick={() => setIsChoosing(!isChoosing)} aria-expanded={isChoosing} aria-keyshortcuts="I">
          <KeyLabel text="Install" letter="i" />
        </Button>
        {isWaiting ? (
          <Button appearance="primary" onClick={() => go('server', 'restart')}>
            Go to restart
          </Button>
        ) : null}
      </StageHead>
      {reading.failure ? <FailureNote envelope={reading.failure} onRetry={read} /> : null}
      {isChoosing ? (
        <ChangeArea key={host} callsOf={callsOf} onClose={() => setIsChoosing(false)}>
          {(onPlan: (change: RolesChange) => void) => (
            <FeaturesForm view={data} onPlan={onPlan} onClose={() => setIsChoosing(false)} />
          )}
        </ChangeArea>
      ) : null}
      <StagePart id="found" title="Roles and features">
        <UnreadList unread={data.state.unread} />
        <DataTable
          name="roles"
          caption="Roles and features of this server"
          columns={columns}
          rows={rows}
          keyOf={({ name }) => name}
          labelOf={({ name }) => `${roleFeatures[name].title}: purpose and actions`}
          openKey={openKey}
          onOpen={setOpenKey}
          empty="No feature could be read."
          detail={(row) => (
            <ChangeArea key={row.name} callsOf={callsOf} onClose={() => undefined}>
              {(onPlan: (change: RolesChange) => void) => <Detail row={row} onPlan={onPlan} />}
            </ChangeArea>
          )}
        />
      </StagePart>
      <Hypervisor view={data} />
    </article>
  );
};

export default RolesScreen;
