import { Button } from '@fluentui/react-components';
import { useState, type JSX, type ReactNode } from 'react';
import type { HostView } from '../../../shared/contract/host.ts';
import { call, envelopeOf } from '../../api/core.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { Facts, Mono } from '../../ui/facts.tsx';
import { KeyLabel } from '../../ui/key-label.tsx';
import { OutcomeMark } from '../../ui/outcome.tsx';
import { PlanPanel } from '../../ui/plan/plan-panel.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { StageEmpty } from '../../ui/stage-empty.tsx';
import { StageHead, StagePart, UnreadList } from '../../ui/stage-head.tsx';
import { useStage } from '../../ui/use-stage.ts';
import { When } from '../../ui/when.tsx';
import { answerOfServer } from './answer.ts';
import type { ServerChange } from './change.ts';
import { JournalPart } from './journal-part.tsx';
import { RestartForm, SetUpForm } from './server-forms.tsx';
import { hostReadings, journalReadings, readAll } from './store.ts';
import './server.css';

const purpose = 'Gives the server its name, its domain and its time, before it becomes a cluster node.';

const signWords: Readonly<Record<string, string>> = {
  componentServicing: 'Windows servicing (features, updates)',
  windowsUpdate: 'Windows Update',
  computerRename: 'The name of the computer',
  domainJoin: 'The domain',
  fileRename: 'Files that are replaced at the next start',
  featureInstall: 'A role or feature',
};

const RestartSigns = ({ view }: { view: HostView }): JSX.Element | null =>
  view.pendingRestart === null ? null : (
    <ul className="v-signs">
      {view.pendingRestart.signs.map(({ sign, state, because }) => (
        <li key={sign}>
          {state === 'pending' ? (
            <OutcomeMark outcome="warn" word="Waits for a restart" />
          ) : state === 'unknown' ? (
            <OutcomeMark outcome="unknown" word="Not known" />
          ) : (
            <OutcomeMark outcome="pass" word="Nothing waits" />
          )}{' '}
          {signWords[sign] ?? sign}
          {because ? <bdi>{`: ${because}`}</bdi> : null}
        </li>
      ))}
    </ul>
  );

const timeWords = {
  NT5DS: 'From the domain',
  NTP: 'From time servers',
  AllSync: 'From the domain and time servers',
  NoSync: 'From nowhere: the clock runs by itself',
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
            'Belongs to',
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
          ['Installation', facts.os.installation],
          ['Make and model', <bdi key="hw">{`${facts.hardware.manufacturer} ${facts.hardware.model}`}</bdi>],
          ['Serial number', facts.hardware.serialNumber === null ? null : <Mono>{facts.hardware.serialNumber}</Mono>],
          ['Started', <When key="boot" at={facts.lastBootAt} />],
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
                ? 'Yes, with full rights'
                : 'No: changes will be refused',
          ],
        ]}
      />
      <h3>Restart</h3>
      <RestartSigns view={view} />
      {view.resumes && view.resumes.length > 0 ? (
        <p>
          After a restart Quorate goes on for{' '}
          {view.resumes
            .map(({ account, trigger }) => `${account} (${trigger === 'logon' ? 'when they log on' : 'at the start'})`)
            .join(', ')}
          .
        </p>
      ) : null}
      <UnreadList unread={[...view.unread, ...facts.unread, ...(time?.unread ?? [])]} />
    </>
  );
};

type Opened = 'setUp' | 'restart' | null;

/** The server itself: name, membership, time, restart, and what was changed on it. `children`: the rehearsals. */
const ServerScreen = ({ children }: { children?: ReactNode }): JSX.Element => {
  const { host, reading } = useStage(hostReadings);
  useStage(journalReadings);
  const [opened, setOpened] = useState<Opened>(null);
  const [change, setChange] = useState<ServerChange | null>(null);
  const read = (): void => readAll(host);
  const { data } = reading;
  const open = (what: Opened): void => {
    setChange(null);
    setOpened(opened === what ? null : what);
  };
  useShortcut('r', 'Read the server again', read);
  useShortcut('s', 'Set up name, domain and time', () => open('setUp'), data !== null);
  useShortcut('t', 'Restart the server', () => open('restart'), data !== null);
  if (!data)
    return (
      <StageEmpty
        title="Server"
        purpose={purpose}
        reading={reading}
        onRead={read}
        onCancel={() => hostReadings.cancel(host)}
        elsewhere={children}
      />
    );
  const answer = answerOfServer(data);
  return (
    <article className="s-screen" aria-labelledby="stage-title" aria-busy={reading.isReading}>
      <StageHead
        outcome={answer.outcome}
        answer={answer.text}
        purpose={purpose}
        reading={reading}
        onRead={read}
        onCancel={() => hostReadings.cancel(host)}
      >
        <Button onClick={() => open('setUp')} aria-expanded={opened === 'setUp'} aria-keyshortcuts="S">
          <KeyLabel text="Set up" letter="s" />
        </Button>
        <Button onClick={() => open('restart')} aria-expanded={opened === 'restart'} aria-keyshortcuts="T">
          <KeyLabel text="Restart" letter="t" />
        </Button>
      </StageHead>
      {reading.failure ? <FailureNote envelope={reading.failure} onRetry={read} /> : null}
      {change ? (
        <PlanPanel
          key={JSON.stringify(change.desire)}
          title={change.title}
          onClose={() => {
            setChange(null);
            setOpened(null);
          }}
          calls={{
            plan: (answers) => call('host.plan', { server: host, desire: change.desire, answers }),
            apply: (plan, answers, onProgress) =>
              call(
                'host.apply',
                { server: host, desire: change.desire, plan, answers, secrets: change.secrets },
                { onProgress },
              ),
            envelopeOf,
            onChanged: read,
          }}
        />
      ) : opened === 'setUp' ? (
        <SetUpForm view={data} onPlan={setChange} onClose={() => setOpened(null)} />
      ) : opened === 'restart' ? (
        <RestartForm onPlan={setChange} onClose={() => setOpened(null)} />
      ) : null}
      <StagePart id="found" title="What was found">
        <Found view={data} />
      </StagePart>
      <JournalPart host={host} onChanged={read} />
      {children}
    </article>
  );
};

export default ServerScreen;
