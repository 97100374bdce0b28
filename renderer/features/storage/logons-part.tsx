import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { InitiatorView, PathView } from '../../../shared/contract/initiator.ts';
import { whyUnread } from '../../../shared/model/observed.ts';
import { Facts, Mono } from '../../ui/facts.tsx';
import { KeyLabel } from '../../ui/key-label.tsx';
import { OutcomeIcon, OutcomeMark } from '../../ui/outcome.tsx';
import { PlanPanel } from '../../ui/plan/plan-panel.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { StagePart, UnreadList } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import { ChangeArea } from '../../ui/plan/change-area.tsx';
import type { PlanCalls } from '../../ui/plan/plan-flow.ts';
import type { StorageChange } from './change.ts';
import { ConnectForm, LogOnForm } from './logon-forms.tsx';
import { pathMarks } from './words.ts';

const featureWords = {
  available: 'Not installed',
  installed: 'Installed',
  installPending: 'Installed, takes effect after a restart',
  uninstallPending: 'Removed with the next restart',
  removed: 'Not on this system: its files are removed',
} as const;

const pathKey = ({ path }: PathView): string =>
  `${path.targetNodeAddress} ${path.initiatorPortalAddress} ${path.targetPortalAddress}:${path.targetPortalPort}`;

const columns: readonly Column<PathView>[] = [
  {
    id: 'target',
    title: 'Target',
    value: ({ path }) => path.targetNodeAddress,
    render: ({ path }) => <Mono>{path.targetNodeAddress}</Mono>,
  },
  {
    id: 'from',
    title: 'From',
    value: ({ path }) => path.initiatorPortalAddress,
    render: ({ path, nic }) => (
      <>
        <Mono>{path.initiatorPortalAddress}</Mono>
        <div className="q-quiet">
          <bdi>{nic?.name ?? 'no network adapter has this address'}</bdi>
        </div>
      </>
    ),
  },
  {
    id: 'portal',
    title: 'Portal',
    value: ({ path }) => `${path.targetPortalAddress}:${path.targetPortalPort}`,
    render: ({ path }) => <Mono>{`${path.targetPortalAddress}:${path.targetPortalPort}`}</Mono>,
  },
  {
    id: 'verdict',
    title: 'State',
    value: ({ verdict }) => pathMarks[verdict].word,
    render: ({ verdict }) => <OutcomeMark {...pathMarks[verdict]} />,
  },
];

const serviceWords = ({ service }: InitiatorView['state']): string => {
  if (service.state === null) return 'This system has no iSCSI initiator';
  const state = service.state === 'running' ? 'Running' : 'Stopped';
  return service.startMode === 'automatic' ? `${state}, starts automatically` : state;
};

type Portal = NonNullable<InitiatorView['state']['portals']>[number];

const Portals = ({ portals }: { portals: readonly Portal[] }): JSX.Element => (
  <>
    {portals.map((portal) => (
      <div key={`${portal.targetPortalAddress} ${portal.initiatorPortalAddress ?? ''}`}>
        <Mono>{`${portal.targetPortalAddress}:${portal.targetPortalPort}`}</Mono>
        {portal.initiatorPortalAddress ? (
          <>
            {' '}
            from <Mono>{portal.initiatorPortalAddress}</Mono>
          </>
        ) : (
          ', source address chosen by Windows'
        )}
      </div>
    ))}
  </>
);

/** What only a running service tells; one sentence stands for all of it while the service does not run. */
const stoppedCode = 'INITIATOR_SERVICE_STOPPED';

const InitiatorFacts = ({ view }: { view: InitiatorView }): JSX.Element => {
  const { state, mpio } = view;
  const why = (property: string): string | null => whyUnread(state, property);
  const rules = state.firewallRules;
  const isStopped = state.service.state !== 'running';
  const hasMpio = mpio?.feature === 'installed';
  return (
    <>
      <Facts
        rows={[
          ['Service', serviceWords(state)],
          [
            'Firewall rules',
            rules === null
              ? null
              : rules.length === 0
                ? 'None'
                : `${rules.filter(({ enabled }) => enabled).length} of ${rules.length} enabled`,
            why('firewallRules'),
          ],
          ['Multipath I/O', mpio === null ? null : featureWords[mpio.feature]],
          ...(hasMpio
            ? [
                [
                  'Automatic MPIO claim',
                  mpio.claimsIscsi === null ? null : mpio.claimsIscsi ? 'On' : 'Off',
                  whyUnread(mpio, 'claimsIscsi'),
                ] as const,
              ]
            : []),
          ...(isStopped
            ? []
            : ([
                ['Initiator name (IQN)', state.iqn === null ? null : <Mono>{state.iqn}</Mono>, why('iqn')],
                [
                  'Discovery portals',
                  state.portals === null ? null : state.portals.length === 0 ? (
                    'None'
                  ) : (
                    <Portals portals={state.portals} />
                  ),
                  why('portals'),
                ],
                [
                  'Persistent logons',
                  state.favourites === null ? null : String(state.favourites.length),
                  why('favourites'),
                ],
                [
                  'Bound volumes',
                  state.boundVolumes === null ? null : state.boundVolumes.length === 0 ? (
                    'None'
                  ) : (
                    <Mono>{state.boundVolumes.join(', ')}</Mono>
                  ),
                  why('boundVolumes'),
                ],
              ] as const)),
        ]}
      />
      {isStopped && state.service.state !== null ? (
        <p className="q-said">
          <OutcomeIcon outcome="unknown" />
          <span>
            The initiator name, portals, sessions and favorite targets cannot be read while the service is stopped.
          </span>
        </p>
      ) : null}
      <UnreadList
        unread={[
          ...view.unread,
          ...state.unread.filter(({ because }) => !isStopped || because !== stoppedCode),
          ...(hasMpio ? mpio.unread : []),
        ]}
      />
    </>
  );
};

const bindVolumes: StorageChange = {
  kind: 'initiator',
  title: 'Bind the iSCSI volumes',
  desire: { bindVolumes: true },
  secrets: {},
};

/** One path: its state in words, and what can be done about it. */
const PathDetail = ({ row, onPlan }: { row: PathView; onPlan: (change: StorageChange) => void }): JSX.Element => {
  const change = (title: string, present: boolean): void =>
    onPlan({ kind: 'initiator', title, desire: { paths: [{ ...row.path, present }] }, secrets: {} });
  return (
    <>
      <p>
        <bdi>{row.text}</bdi>
      </p>
      <Facts
        rows={[
          ['Sessions', row.sessionIdentifiers.length === 0 ? 'None' : <Mono>{row.sessionIdentifiers.join(', ')}</Mono>],
          ['Origin', row.wanted ? 'Configured in Quorate' : 'Found on the server'],
        ]}
      />
      <p className="q-actions">
        {row.verdict === 'proven' ? null : (
          <Button onClick={() => change('Repair this path', true)}>Repair this path</Button>
        )}
        <Button onClick={() => change('Log off this path', false)}>Log off this path</Button>
      </p>
    </>
  );
};

type Opened = 'connect' | 'logOn' | 'bind' | null;

/** The iSCSI initiator of Windows: service, portals, and every path with its proof. */
export const LogonsPart = ({
  view,
  others,
  callsOf,
}: {
  view: InitiatorView;
  /** Other servers of the same cluster, as far as they were read. */
  others: readonly InitiatorView[];
  callsOf: (change: StorageChange) => PlanCalls;
}): JSX.Element => {
  const [opened, setOpened] = useState<Opened>(null);
  const [openPath, setOpenPath] = useState<string | null>(null);
  const toggle = (what: Opened) => (): void => setOpened(opened === what ? null : what);
  const close = (): void => setOpened(null);
  const canLogOn = (view.state.targets ?? []).length > 0;
  useShortcut('c', 'Connect to the storage', toggle('connect'));
  useShortcut('l', 'Log on to a target', toggle('logOn'), canLogOn);
  return (
    <StagePart id="logons" title="Windows iSCSI initiator">
      <p className="q-actions">
        <Button onClick={toggle('connect')} aria-expanded={opened === 'connect'} aria-keyshortcuts="C">
          <KeyLabel text="Connect" letter="c" />
        </Button>
        <Button
          onClick={toggle('logOn')}
          aria-expanded={opened === 'logOn'}
          disabledFocusable={!canLogOn}
          aria-keyshortcuts="L"
        >
          <KeyLabel text="Log on" letter="l" />
        </Button>
        <Button onClick={toggle('bind')} aria-expanded={opened === 'bind'}>
          Bind volumes
        </Button>
      </p>
      {opened === 'connect' || opened === 'logOn' ? (
        <ChangeArea key={opened} callsOf={callsOf} onClose={close}>
          {(onPlan: (change: StorageChange) => void) =>
            opened === 'connect' ? (
              <ConnectForm view={view} others={others} onPlan={onPlan} onClose={close} />
            ) : (
              <LogOnForm view={view} onPlan={onPlan} onClose={close} />
            )
          }
        </ChangeArea>
      ) : opened === 'bind' ? (
        <PlanPanel title={bindVolumes.title} calls={callsOf(bindVolumes)} onClose={close} />
      ) : null}
      <InitiatorFacts view={view} />
      <h3>Paths</h3>
      <DataTable
        name="paths"
        caption="Paths to the targets"
        columns={columns}
        rows={view.paths}
        keyOf={pathKey}
        labelOf={({ path }) => `${path.targetNodeAddress} from ${path.initiatorPortalAddress}: state and actions`}
        openKey={openPath}
        onOpen={setOpenPath}
        empty={canLogOn ? 'No path. Log on to a target.' : 'No target discovered. Select Connect and enter a portal.'}
        keepsDetail
        detail={(row, isGone) => (
          <ChangeArea callsOf={callsOf} isGone={isGone} onClose={isGone ? () => setOpenPath(null) : () => undefined}>
            {(onPlan: (change: StorageChange) => void) => <PathDetail row={row} onPlan={onPlan} />}
          </ChangeArea>
        )}
      />
    </StagePart>
  );
};
