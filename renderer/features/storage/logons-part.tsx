import { Button } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { InitiatorView, PathView } from '../../../shared/contract/initiator.ts';
import { whyUnread } from '../../../shared/model/observed.ts';
import { Facts, Mono } from '../../ui/facts.tsx';
import { KeyLabel } from '../../ui/key-label.tsx';
import { OutcomeIcon, OutcomeMark } from '../../ui/outcome.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { StagePart, UnreadList } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import type { StorageChange } from './change.ts';
import { LogOnForm, PortalForm, PrepareForm } from './logon-forms.tsx';
import { pathMarks } from './words.ts';

const featureWords = {
  available: 'Not installed',
  installed: 'Installed',
  installPending: 'Installed, works after a restart',
  uninstallPending: 'Goes away with a restart',
  removed: 'Not on this system: its files are missing',
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
          <bdi>{nic?.name ?? 'no port has this address'}</bdi>
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
    title: 'Proof',
    value: ({ verdict }) => pathMarks[verdict].word,
    render: ({ verdict }) => <OutcomeMark {...pathMarks[verdict]} />,
  },
];

const serviceWords = ({ service }: InitiatorView['state']): string => {
  if (service.state === null) return 'There is no iSCSI initiator on this system';
  const state = service.state === 'running' ? 'Runs' : 'Does not run';
  return service.startMode === 'automatic' ? `${state}, starts by itself` : state;
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
          ', Windows chooses the port'
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
                : `${rules.filter(({ enabled }) => enabled).length} of ${rules.length} switched on`,
            why('firewallRules'),
          ],
          ['Multipath I/O', mpio === null ? null : featureWords[mpio.feature]],
          ...(hasMpio
            ? [
                [
                  'MPIO takes iSCSI disks',
                  mpio.claimsIscsi === null ? null : mpio.claimsIscsi ? 'By itself' : 'No',
                  whyUnread(mpio, 'claimsIscsi'),
                ] as const,
              ]
            : []),
          ...(isStopped
            ? []
            : ([
                ['Name (IQN)', state.iqn === null ? null : <Mono>{state.iqn}</Mono>, why('iqn')],
                [
                  'Portals asked',
                  state.portals === null ? null : state.portals.length === 0 ? (
                    'None'
                  ) : (
                    <Portals portals={state.portals} />
                  ),
                  why('portals'),
                ],
                [
                  'Logons at each start',
                  state.favourites === null ? null : String(state.favourites.length),
                  why('favourites'),
                ],
                [
                  'Volumes waited for',
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
          <span>Its name, portals, sessions and favourites are not known while the service does not run.</span>
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

type Opened = 'prepare' | 'portal' | 'logOn' | null;

/** The iSCSI initiator of Windows: service, portals, and every path with its proof. */
export const LogonsPart = ({
  view,
  onPlan,
}: {
  view: InitiatorView;
  onPlan: (change: StorageChange) => void;
}): JSX.Element => {
  const [opened, setOpened] = useState<Opened>(null);
  const [openPath, setOpenPath] = useState<string | null>(null);
  const toggle = (what: Opened) => (): void => setOpened(opened === what ? null : what);
  const plan = (change: StorageChange): void => {
    setOpened(null);
    onPlan(change);
  };
  const canLogOn = (view.state.targets ?? []).length > 0;
  useShortcut('i', 'Prepare the iSCSI initiator and multipath', toggle('prepare'));
  useShortcut('l', 'Log on to a target', toggle('logOn'), canLogOn);
  return (
    <StagePart id="logons" title="iSCSI logons of Windows">
      <InitiatorFacts view={view} />
      <p className="q-actions">
        <Button onClick={toggle('prepare')} aria-expanded={opened === 'prepare'} aria-keyshortcuts="I">
          <KeyLabel text="Initiator and MPIO" letter="i" />
        </Button>
        <Button onClick={toggle('portal')} aria-expanded={opened === 'portal'}>
          Ask a portal
        </Button>
        <Button
          onClick={toggle('logOn')}
          aria-expanded={opened === 'logOn'}
          disabledFocusable={!canLogOn}
          aria-keyshortcuts="L"
        >
          <KeyLabel text="Log on" letter="l" />
        </Button>
        <Button
          onClick={() =>
            plan({ kind: 'initiator', title: 'Wait for the iSCSI volumes', desire: { bindVolumes: true }, secrets: {} })
          }
        >
          Bind volumes
        </Button>
      </p>
      {opened === 'prepare' ? <PrepareForm view={view} onPlan={plan} onClose={() => setOpened(null)} /> : null}
      {opened === 'portal' ? <PortalForm view={view} onPlan={plan} onClose={() => setOpened(null)} /> : null}
      {opened === 'logOn' ? <LogOnForm view={view} onPlan={plan} onClose={() => setOpened(null)} /> : null}
      <h3>Paths</h3>
      <DataTable
        name="paths"
        caption="Paths to the targets"
        columns={columns}
        rows={view.paths}
        keyOf={pathKey}
        labelOf={({ path }) => `${path.targetNodeAddress} from ${path.initiatorPortalAddress}: proof and actions`}
        openKey={openPath}
        onOpen={setOpenPath}
        empty={
          canLogOn
            ? 'No path yet. Log on to a target.'
            : 'No target is known yet. Ask a portal first; the initiator has to run for that.'
        }
        detail={(row) => (
          <>
            <p>
              <bdi>{row.text}</bdi>
            </p>
            <Facts
              rows={[
                [
                  'Sessions',
                  row.sessionIdentifiers.length === 0 ? 'None' : <Mono>{row.sessionIdentifiers.join(', ')}</Mono>,
                ],
                ['Asked for here', row.wanted ? 'Yes' : 'No, it was found'],
              ]}
            />
            <p className="q-actions">
              {row.verdict === 'proven' ? null : (
                <Button
                  onClick={() =>
                    plan({
                      kind: 'initiator',
                      title: 'Mend this path',
                      desire: { paths: [{ ...row.path, present: true }] },
                      secrets: {},
                    })
                  }
                >
                  Mend this path
                </Button>
              )}
              <Button
                onClick={() =>
                  plan({
                    kind: 'initiator',
                    title: 'Log off this path',
                    desire: { paths: [{ ...row.path, present: false }] },
                    secrets: {},
                  })
                }
              >
                Log off this path
              </Button>
            </p>
          </>
        )}
      />
    </StagePart>
  );
};
