import { asClause } from '../../../shared/model/sentence.ts';
import { Button } from '@fluentui/react-components';
import { useEffect, useState, type JSX } from 'react';
import type { HostView } from '../../../shared/contract/host.ts';
import { installationWords } from '../../../shared/model/host.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { Facts, Mono } from '../../ui/facts.tsx';
import { KeyLabel } from '../../ui/key-label.tsx';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { useNavigation } from '../../ui/navigation.ts';
import { ChangeArea } from '../../ui/plan/change-area.tsx';
import type { PlanCalls, PlanFlow } from '../../ui/plan/plan-flow.ts';
import { PlanPanel } from '../../ui/plan/plan-panel.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { StageEmpty } from '../../ui/stage-empty.tsx';
import { restartSignWord } from '../../../shared/model/restart-signs.ts';
import { StageHead, StagePart, UnreadList } from '../../ui/stage-head.tsx';
import { useStage } from '../../ui/use-stage.ts';
import { When } from '../../ui/when.tsx';
import type { ServerChange } from './change.ts';
import { RestartForm, SetUpForm } from './server-forms.tsx';
import { hostReadings } from './store.ts';
import './server.css';

const purpose = 'Gives the server its name, its domain and its time, before it becomes a cluster node.';

/** One line where nothing waits, otherwise only what waits or could not be read. */
const RestartSigns = ({ view }: { view: HostView }): JSX.Element => {
  const signs = view.pendingRestart?.signs ?? null;
  if (signs === null) return <OutcomeMark outcome="unknown" word="Could not be determined" />;
  const notable = signs.filter(({ state }) => state !== 'notPending');
  if (notable.length === 0) return <OutcomeMark outcome="pass" word="No restart pending" />;
  return (
    <ul className="v-signs">
      {notable.map(({ sign, state, because }) => (
        <li key={sign}>
          <OutcomeMark
            outcome={state === 'pending' ? 'warn' : 'unknown'}
            word={state === 'pending' ? 'Restart pending' : 'Unknown'}
          />{' '}
          {restartSignWord(sign)}
          {because ? <bdi>{`: ${asClause(because)}`}</bdi> : null}
        </li>
      ))}
    </ul>
  );
};

const timeWords = {
  NT5DS: 'From the domain',
  NTP: 'From time servers',
  AllSync: 'From the domain and time servers',
  NoSync: 'Not synchronized',
} as const;

const Found = ({ view }: { view: HostView }): JSX.Element => {
  const { facts, time } = view;
  const renamed = facts.nextComputerName !== null && facts.nextComputerName !== facts.computerName;
  return (
    <>
      <Facts
        rows={[
          [
            'Name',
            renamed ? (
              <>
                <Mono>{facts.computerName}</Mono>, after a restart <Mono>{facts.nextComputerName ?? ''}</Mono>
              </>
            ) : (
              <Mono>{facts.computerName}</Mono>
            ),
          ],
          [
            'Domain or workgroup',
            <>
              {facts.membership.kind === 'domain' ? 'Domain ' : 'Workgroup '}
              <Mono>{facts.membership.name}</Mono>
              {facts.nextMembership ? (
                <>
                  , after a restart <Mono>{facts.nextMembership.name}</Mono>
                </>
              ) : null}
            </>,
          ],
          ['Operating system', <bdi key="os">{`${facts.os.caption}, build ${facts.os.buildNumber}`}</bdi>],
          ['Installation', facts.os.installation === null ? null : installationWords[facts.os.installation]],
          ['Make and model', <bdi key="hw">{`${facts.hardware.manufacturer} ${facts.hardware.model}`}</bdi>],
          ['Serial number', facts.hardware.serialNumber === null ? null : <Mono>{facts.hardware.serialNumber}</Mono>],
          ['Started', <When key="boot" at={facts.lastBootAt} isEvent />],
          ['Time', time?.type ? timeWords[time.type] : null],
          [
            'Time servers',
            time === null ? null : time.servers.length === 0 ? 'None' : <Mono>{time.servers.join(', ')}</Mono>,
          ],
          [
            'Administrator',
            facts.isAdministrator === null
              ? null
              : facts.isAdministrator
                ? 'Yes (elevated)'
                : 'No (changes will be refused)',
          ],
        ]}
      />
      <h3>Restart</h3>
      <RestartSigns view={view} />
      {view.resumes && view.resumes.length > 0 ? (
        <p>
          After a restart Quorate continues for{' '}
          {view.resumes
            .map(({ account, trigger }) => `${account} (${trigger === 'logon' ? 'at logon' : 'at startup'})`)
            .join(', ')}
          .
        </p>
      ) : null}
      <UnreadList unread={[...view.unread, ...facts.unread, ...(time?.unread ?? [])]} />
    </>
  );
};

type Opened = 'setUp' | 'restart' | 'restartNow' | null;

const callsFor =
  (host: string, onChanged: () => void) =>
  ({ desire, secrets }: ServerChange): PlanCalls => ({
    plan: (answers) => call('host.plan', { server: host, desire, answers }),
    apply: (plan, answers, onProgress) =>
      call('host.apply', { server: host, desire, plan, answers, secrets: { ...secrets } }, { onProgress }),
    envelopeOf,
    onChanged,
  });

const restartNow: ServerChange = {
  title: 'Restart the server',
  desire: { restart: { resume: null } },
  secrets: {},
};

/** After the restart: the change that waited for it is continued from here. */
const WaitingChange = ({ host, flow }: { host: string; flow: PlanFlow }): JSX.Element | null => {
  const go = useNavigation((state) => state.go);
  const [waiting, setWaiting] = useState<{ readonly id: string; readonly title: string } | null>(null);
  const isOver = flow.result !== null;
  useEffect(() => {
    if (!isOver) return;
    void call('journal.list', { server: host, open: true }).then(
      (entries) => setWaiting(entries.find(({ state }) => state === 'restartNeeded') ?? null),
      // The list of open changes above says so as well, once it can be read.
      () => undefined,
    );
  }, [host, isOver]);
  return waiting ? (
    <p>
      <Button appearance="primary" onClick={() => go('history', waiting.id)}>
        Continue: {waiting.title}
      </Button>
    </p>
  ) : null;
};

/** The server itself: name, domain, time and restart. */
const ServerScreen = (): JSX.Element => {
  const { host, reading } = useStage(hostReadings);
  const subject = useNavigation((state) => state.subject);
  const [opened, setOpened] = useState<Opened>(() => (subject === 'restart' ? 'restartNow' : null));
  const read = (): void => void hostReadings.read(host);
  const { data } = reading;
  const open = (what: Opened) => (): void => setOpened(opened === what ? null : what);
  const close = (): void => setOpened(null);
  useShortcut('r', 'Refresh the server', read);
  useShortcut('s', 'Set name, domain and time', open('setUp'), data !== null);
  useShortcut('t', 'Restart the server', open('restart'), data !== null);
  if (!data)
    return (
      <StageEmpty
        title="Server"
        purpose={purpose}
        reading={reading}
        onRead={read}
        onCancel={() => hostReadings.cancel(host)}
      />
    );
  const callsOf = callsFor(host, read);
  return (
    <article className="s-screen" aria-labelledby="stage-title" aria-busy={reading.isReading}>
      <StageHead
        outcome={data.standing.outcome}
        answer={data.standing.text}
        purpose={purpose}
        reading={reading}
        onRead={read}
        onCancel={() => hostReadings.cancel(host)}
      >
        <Button onClick={open('setUp')} aria-expanded={opened === 'setUp'} aria-keyshortcuts="S">
          <KeyLabel text="Set up" letter="s" />
        </Button>
        <Button onClick={open('restart')} aria-expanded={opened === 'restart'} aria-keyshortcuts="T">
          <KeyLabel text="Restart" letter="t" />
        </Button>
      </StageHead>
      {reading.failure ? <FailureNote envelope={reading.failure} onRetry={read} /> : null}
      {opened === 'setUp' || opened === 'restart' ? (
        <ChangeArea key={opened} callsOf={callsOf} onClose={close}>
          {(onPlan: (change: ServerChange) => void) =>
            opened === 'setUp' ? (
              <SetUpForm view={data} onPlan={onPlan} onClose={close} />
            ) : (
              <RestartForm onPlan={onPlan} onClose={close} />
            )
          }
        </ChangeArea>
      ) : opened === 'restartNow' ? (
        <PlanPanel
          title={restartNow.title}
          calls={callsOf(restartNow)}
          onClose={close}
          afterwards={(flow) => <WaitingChange host={host} flow={flow} />}
        />
      ) : null}
      <StagePart id="found" title="Current state">
        <Found view={data} />
      </StagePart>
    </article>
  );
};

export default ServerScreen;
