import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import { FailureNote } from '../../ui/failure-note.tsx';
import { KeyLabel } from '../../ui/key-label.tsx';
import { useNavigation } from '../../ui/navigation.ts';
import { ChangeArea } from '../../ui/plan/change-area.tsx';
import type { PlanCalls } from '../../ui/plan/plan-flow.ts';
import { PlanPanel } from '../../ui/plan/plan-panel.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { StageEmpty } from '../../ui/stage-empty.tsx';
import { StageHead, StagePart, UnreadList } from '../../ui/stage-head.tsx';
import { useStage } from '../../ui/use-stage.ts';
import { AddNodesForm, CreateForm } from './create-form.tsx';
import { DisksPart } from './disks-part.tsx';
import { EventsPart } from './events-part.tsx';
import { GroupsPart } from './groups-part.tsx';
import { NetworksPart } from './networks-part.tsx';
import { NodesPart } from './nodes-part.tsx';
import { ClusterPicture } from './picture.tsx';
import { QuorumPart } from './quorum-part.tsx';
import { ReportNote } from './report-note.tsx';
import { callsFor, clusterReadings, type ClusterChange, type OnPlan } from './store.ts';
import './cluster.css';

const purpose = 'Creates the cluster, and shows its nodes, networks, disks and votes.';

type Opened = 'create' | 'add' | null;

/** The cluster that this server is in, or is to become. */
const ClusterScreen = (): JSX.Element => {
  const { host, reading } = useStage(clusterReadings);
  const go = useNavigation((state) => state.go);
  const [opened, setOpened] = useState<Opened>(null);
  // Kept as it was asked: afterwards there may be no cluster to ask it of.
  const [change, setChange] = useState<ClusterChange | null>(null);
  const { data } = reading;
  const read = (): void => void clusterReadings.read(host);
  const open = (what: Opened) => (): void => setOpened(opened === what ? null : what);
  const close = (): void => setOpened(null);
  const membership = data?.state.membership;
  const cluster = data?.state.cluster ?? null;
  useShortcut('r', 'Refresh the cluster', read);
  useShortcut('c', 'Create a cluster', open('create'), membership === 'none');
  useShortcut('a', 'Add nodes', open('add'), cluster !== null);
  if (!data)
    return (
      <StageEmpty
        title="Cluster"
        purpose={purpose}
        reading={reading}
        onRead={read}
        onCancel={() => clusterReadings.cancel(host)}
      />
    );
  const callsOf = (asked: ClusterChange): PlanCalls => ({
    ...callsFor(host)(asked),
    besideFailure: ({ detail: { report } }) =>
      typeof report === 'string' ? <ReportNote key={report} host={host} path={report} /> : null,
  });
  const { computerName } = data.server;
  const ask = (asked: ClusterChange): void => {
    close();
    setChange(change === null ? asked : null);
  };
  return (
    <article className="s-screen" aria-labelledby="stage-title" aria-busy={reading.isReading}>
      <StageHead
        outcome={data.standing.outcome}
        answer={data.standing.text}
        purpose={purpose}
        reading={reading}
        onRead={read}
        onCancel={() => clusterReadings.cancel(host)}
      >
        {membership === 'none' ? (
          <Button onClick={open('create')} aria-expanded={opened === 'create'} aria-keyshortcuts="C">
            <KeyLabel text="Create" letter="c" />
          </Button>
        ) : membership === 'leftover' ? (
          <Button
            onClick={() =>
              ask({ title: `Clear ${computerName}`, changes: [{ do: 'cluster.clearNode', node: computerName }] })
            }
            aria-expanded={change !== null}
          >
            Clear
          </Button>
        ) : membership === 'notInstalled' ? (
          <Button onClick={() => go('roles')}>Open Roles</Button>
        ) : null}
        {cluster?.nameAccount && cluster.nameAccount.account !== 'fits' ? (
          <Button
            onClick={() =>
              ask({
                title: `Repair the account of ${cluster.name}`,
                changes: [{ do: 'cluster.repairName', name: cluster.name }],
              })
            }
            aria-expanded={change !== null}
          >
            Repair account
          </Button>
        ) : null}
        {cluster ? (
          <>
            <Button onClick={open('add')} aria-expanded={opened === 'add'} aria-keyshortcuts="A">
              <KeyLabel text="Add nodes" letter="a" />
            </Button>
            <Button
              onClick={() =>
                ask({
                  title: `Destroy the cluster ${cluster.name}`,
                  changes: [{ do: 'cluster.destroy', name: cluster.name }],
                })
              }
              aria-expanded={change !== null}
            >
              Destroy
            </Button>
          </>
        ) : null}
      </StageHead>
      {reading.failure ? <FailureNote envelope={reading.failure} onRetry={read} /> : null}
      <UnreadList unread={data.state.unread} />
      {change ? (
        <PlanPanel
          key={`${host} ${change.title}`}
          title={`Review: ${change.title}`}
          calls={callsOf(change)}
          onClose={() => setChange(null)}
        />
      ) : opened === 'create' || opened === 'add' ? (
        <ChangeArea key={`${host} ${opened}`} callsOf={callsOf} onClose={close}>
          {(onPlan: OnPlan) =>
            opened === 'create' ? (
              <CreateForm node={computerName} onPlan={onPlan} onClose={close} />
            ) : (
              <AddNodesForm onPlan={onPlan} onClose={close} />
            )
          }
        </ChangeArea>
      ) : null}
      {cluster ? (
        <>
          <StagePart id="picture" title={`${cluster.name} (${cluster.addresses.join(', ') || 'no address'})`}>
            <ClusterPicture cluster={cluster} />
          </StagePart>
          <NodesPart key={`nodes ${host}`} cluster={cluster} callsOf={callsOf} />
          <NetworksPart key={`networks ${host}`} cluster={cluster} callsOf={callsOf} />
          <DisksPart key={`disks ${host}`} cluster={cluster} callsOf={callsOf} />
          <QuorumPart key={`quorum ${host}`} cluster={cluster} callsOf={callsOf} />
          <GroupsPart key={`groups ${host}`} cluster={cluster} callsOf={callsOf} />
          <EventsPart key={`events ${host}`} host={host} />
        </>
      ) : membership === 'none' ? (
        <StagePart id="next" title="Before it is created">
          <p className="q-actions">
            <span>Validate the servers first: a cluster is supported by Microsoft only after all tests passed.</span>
            <Button size="small" onClick={() => go('validate')}>
              Open Validate
            </Button>
          </p>
        </StagePart>
      ) : null}
    </article>
  );
};

export default ClusterScreen;
