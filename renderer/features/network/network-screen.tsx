import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { NicView } from '../../../shared/contract/nic.ts';
import type { NetworkDesireInput } from '../../../shared/plan/nic/desire.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { Mono, NotKnown } from '../../ui/facts.tsx';
import { KeyLabel } from '../../ui/key-label.tsx';
import { OutcomeIcon, OutcomeMark } from '../../ui/outcome.tsx';
import { Drawer } from '../../ui/drawer.tsx';
import { ChangeArea } from '../../ui/plan/change-area.tsx';
import type { PlanCalls } from '../../ui/plan/plan-flow.ts';
import { useShortcut } from '../../ui/shortcuts.ts';
import { StageEmpty } from '../../ui/stage-empty.tsx';
import { StageHead, StagePart, UnreadList } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import { subjectOf } from '../../ui/stage-states.ts';
import { useStage } from '../../ui/use-stage.ts';
import { IdentifyPanel } from './identify-part.tsx';
import { desireOf } from './nic-change.ts';
import { NicDetail } from './nic-detail.tsx';
import { RevertBar } from './revert-bar.tsx';
import { RolesPanel } from './roles-panel.tsx';
import { networkReadings } from './store.ts';
import { Topology } from './topology.tsx';
import { addressesOf, linkOf, roleNames, speedOf } from './words.ts';

const purpose =
  'Gives each network adapter one role and its own network, so that client, cluster and storage traffic stay apart.';

const columns: readonly Column<NicView>[] = [
  { id: 'name', title: 'Adapter', value: (nic) => nic.name },
  {
    id: 'role',
    title: 'Role',
    value: (nic) => (nic.role === null ? '' : roleNames[nic.role]),
    render: (nic) => (nic.role === null ? <span className="q-quiet">No role</span> : roleNames[nic.role]),
  },
  {
    id: 'link',
    title: 'Link',
    value: (nic) => linkOf(nic).word,
    render: (nic) => <OutcomeMark {...linkOf(nic)} />,
  },
  { id: 'speed', title: 'Speed', value: (nic) => speedOf(nic), isShort: true },
  {
    id: 'addresses',
    title: 'Addresses',
    value: (nic) => addressesOf(nic)?.join(', ') ?? null,
    render: (nic) => {
      const addresses = addressesOf(nic);
      if (addresses === null) return <NotKnown />;
      return addresses.length === 0
        ? 'None'
        : addresses.map((one) => (
            <div key={one}>
              <Mono>{one}</Mono>
            </div>
          ));
    },
  },
  { id: 'mac', title: 'MAC address', value: (nic) => nic.permanentAddress, isFigures: true, isExtra: true },
  { id: 'device', title: 'Device', value: (nic) => nic.description, isExtra: true },
  {
    id: 'gateway',
    title: 'Gateway',
    value: (nic) => nic.gateways?.map(({ nextHop }) => nextHop).join(', ') ?? null,
    isFigures: true,
    isExtra: true,
  },
  { id: 'driver', title: 'Driver', value: (nic) => nic.driver.version, isFigures: true, isExtra: true },
];

type Opened = { readonly kind: 'identify'; readonly blink: NicView | null } | { readonly kind: 'roles' };

interface NetworkChange {
  readonly title: string;
  readonly desire: NetworkDesireInput;
}

const callsFor =
  (host: string, onChanged: () => void) =>
  ({ desire }: NetworkChange): PlanCalls => ({
    plan: (answers) => call('nic.plan', { server: host, desire, answers }),
    apply: (plan, answers, onProgress) => call('nic.apply', { server: host, desire, plan, answers }, { onProgress }),
    envelopeOf,
    onChanged,
  });

/** The second stage: ports, roles, addresses. */
const NetworkScreen = (): JSX.Element => {
  const { host, reading } = useStage(networkReadings);
  const [opened, setOpened] = useState<Opened | null>(null);
  const [openNic, setOpenNic] = useState<string | null>(null);
  const all = networkReadings.use();
  const { data } = reading;
  const read = (): void => void networkReadings.read(host);
  const close = (): void => setOpened(null);
  const openRoles = (): void => setOpened({ kind: 'roles' });
  const openIdentify = (): void => setOpened({ kind: 'identify', blink: null });
  useShortcut('r', 'Refresh the network adapters', read);
  useShortcut('g', 'Set roles and addresses', openRoles, data !== null);
  useShortcut('f', 'Find a port by its cable', openIdentify, data !== null);
  if (!data)
    return (
      <StageEmpty
        title="Network"
        purpose={purpose}
        reading={reading}
        onRead={read}
        onCancel={() => networkReadings.cancel(host)}
      />
    );
  const callsOf = callsFor(host, read);
  const nic = data.nics.find(({ interfaceGuid }) => interfaceGuid === openNic);
  const others = Object.entries(all).flatMap(([other, { data: view }]) =>
    other !== host &&
    view &&
    view.server.computerName !== data.server.computerName &&
    subjectOf('cluster', other) === subjectOf('cluster', host)
      ? [view]
      : [],
  );
  return (
    <article className="s-screen" aria-labelledby="stage-title" aria-busy={reading.isReading}>
      <StageHead
        outcome={data.standing.outcome}
        answer={data.standing.text}
        purpose={purpose}
        reading={reading}
        onRead={read}
        onCancel={() => networkReadings.cancel(host)}
      >
        <Button onClick={openRoles} aria-keyshortcuts="G">
          <KeyLabel text="Roles and addresses" letter="g" />
        </Button>
        <Button onClick={openIdentify} aria-keyshortcuts="F">
          <KeyLabel text="Find a port" letter="f" />
        </Button>
      </StageHead>
      {reading.failure ? <FailureNote envelope={reading.failure} onRetry={read} /> : null}
      {data.reverts.map((revert) => (
        <RevertBar key={revert.id} host={host} revert={revert} onDone={read} />
      ))}
      {data.remoteSessions === null ? (
        <div className="q-note q-note-unknown">
          <OutcomeIcon outcome="unknown" />
          <div className="q-note-text">
            <p className="q-strong">Whether an administrator is connected remotely could not be determined.</p>
            <p>
              A change could cut such a connection. Changes that may cut it revert by themselves unless you confirm
              them.
            </p>
          </div>
        </div>
      ) : null}
      {opened?.kind === 'identify' ? (
        <IdentifyPanel host={host} blink={opened.blink} onClose={close} />
      ) : opened?.kind === 'roles' ? (
        <ChangeArea callsOf={callsOf} onClose={close}>
          {(onPlan: (change: NetworkChange) => void) => (
            <RolesPanel
              view={data}
              others={others}
              onClose={close}
              onPlan={(desire) => onPlan({ title: 'Roles and addresses', desire })}
            />
          )}
        </ChangeArea>
      ) : null}
      <StagePart id="picture" title="The network adapters and their networks">
        <Topology view={data} openNic={openNic} onOpen={setOpenNic} />
      </StagePart>
      <StagePart id="found" title="Current state">
        {data.lostRoles.map((lost) => (
          <div key={lost.interfaceGuid} className="q-note q-note-unknown">
            <OutcomeIcon outcome="unknown" />
            <div className="q-note-text">
              <p className="q-strong">The network adapter with the role {roleNames[lost.role]} is missing.</p>
              <p>
                Its MAC address was <Mono>{lost.permanentAddress ?? 'unknown'}</Mono>. Assign the role to the adapter
                that replaced it.
              </p>
            </div>
          </div>
        ))}
        <UnreadList unread={data.unread} />
        <DataTable
          name="nics"
          caption="Network adapters of this server"
          columns={columns}
          rows={data.nics}
          keyOf={(nic) => nic.interfaceGuid}
          labelOf={(nic) => `${nic.name}: figures and settings`}
          openKey={openNic}
          onOpen={setOpenNic}
          empty="Windows shows no network adapter. Check Device Manager for a missing driver."
        />
      </StagePart>
      {nic ? (
        <Drawer title={nic.name} onClose={() => setOpenNic(null)}>
          <ChangeArea key={nic.interfaceGuid} callsOf={callsOf} onClose={() => undefined}>
            {(onPlan: (change: NetworkChange) => void) => (
              <NicDetail
                nic={nic}
                onBlink={(one) => {
                  setOpenNic(null);
                  setOpened({ kind: 'identify', blink: one });
                }}
                onPlan={(one, form) => onPlan({ title: `Change ${one.name}`, desire: { nics: [desireOf(one, form)] } })}
              />
            )}
          </ChangeArea>
        </Drawer>
      ) : null}
    </article>
  );
};

export default NetworkScreen;
