import { asClause } from '../../../shared/model/sentence.ts';
import { Button, Field, Input } from '@fluentui/react-components';
import { useState, type FormEvent, type JSX } from 'react';
import type { PeerView } from '../../../shared/contract/peers.ts';
import type { LunMap, LunRow } from '../../../shared/model/lun-map.ts';
import { parseEndpoint } from '../../../shared/model/peer-endpoint.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { iscsiPort } from '../../../shared/model/windows-iscsi.ts';
import { lunCellText, lunNameOf, lunVerdictWords } from '../../../shared/rules/peers/lun-words.ts';
import { Mono } from '../../ui/facts.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { KeyLabel } from '../../ui/key-label.tsx';
import { OutcomeIcon, OutcomeMark } from '../../ui/outcome.tsx';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { StagePart } from '../../ui/stage-head.tsx';
import { DataTable, type Column } from '../../ui/table/data-table.tsx';
import { When } from '../../ui/when.tsx';
import { lookForLuns, lunSearch } from './store.ts';

const worstFirst = ['fail', 'unknown', 'warn', 'pass'];

const columnsOf = ({ servers }: LunMap): readonly Column<LunRow>[] => {
  const isShared = (name: string): boolean => servers.filter((one) => one.name === name).length > 1;
  return [
    { id: 'identity', title: 'Identity (VPD 83h)', value: lunNameOf, render: (row) => <Mono>{lunNameOf(row)}</Mono> },
    {
      id: 'verdict',
      title: 'Result',
      value: ({ outcome }) => worstFirst.indexOf(outcome),
      text: ({ verdict }) => lunVerdictWords[verdict],
      render: ({ outcome, verdict }) => <OutcomeMark outcome={outcome} word={lunVerdictWords[verdict]} />,
    },
    {
      id: 'size',
      title: 'Size',
      value: ({ sizeBytes }) => (sizeBytes === null ? null : BigInt(sizeBytes)),
      text: ({ sizeBytes }) => (sizeBytes === null ? 'not known' : formatSize(sizeBytes)),
      isFigures: true,
    },
    ...servers.map(({ name, id }, at): Column<LunRow> => ({
      id: `server-${id}`,
      title: isShared(name) ? `${name} (${id})` : name,
      value: ({ cells }) => (cells[at] ? lunCellText(cells[at]) : null),
      render: ({ cells }) => {
        const cell = cells[at];
        if (!cell) return null;
        return cell.isSeen === null ? <em>{lunCellText(cell)}</em> : <bdi>{lunCellText(cell)}</bdi>;
      },
    })),
    { id: 'serial', title: 'Serial number', value: ({ serial }) => serial, isExtra: true },
  ];
};

/** What the row means, and the targets that its paths lead to. */
const Detail = ({ row }: { row: LunRow }): JSX.Element => {
  const targets = [...new Set(row.cells.flatMap(({ paths }) => paths.flatMap(({ target }) => target ?? [])))];
  return (
    <>
      <p>
        <bdi>{row.text}</bdi>
      </p>
      {row.next === null ? null : (
        <p className="q-strong">
          <bdi>{row.next}</bdi>
        </p>
      )}
      {row.serial === null ? null : (
        <p>
          Serial number <Mono>{row.serial}</Mono>
        </p>
      )}
      {targets.length === 0 ? null : (
        <p>
          Target <Mono>{targets.join(', ')}</Mono>
        </p>
      )}
    </>
  );
};

const Result = ({ map }: { map: LunMap }): JSX.Element => {
  const [openKey, setOpenKey] = useState<string | null>(null);
  const keys = new Map(map.luns.map((row, number) => [row, `${number} ${lunNameOf(row)}`]));
  return (
    <>
      <p className="q-said" data-luns={map.outcome}>
        <OutcomeIcon outcome={map.outcome} />
        <span className="q-strong">
          <bdi>{map.sentence}</bdi>
        </span>
      </p>
      <p className="q-quiet">
        Compared <When at={map.at} />
      </p>
      {map.servers.flatMap(({ id, name, because, notLooked }) =>
        [...(because === null ? [] : [because]), ...notLooked].map((why) => (
          <p key={`${id} ${why}`} className="q-said">
            <OutcomeIcon outcome="unknown" />
            <bdi>
              {name}: {asClause(why)}
            </bdi>
          </p>
        )),
      )}
      <div className="q-scroll e-compare" tabIndex={0} role="region" aria-label="Which server sees which LUN">
        <DataTable
          name="luns"
          caption="Which server sees which LUN"
          columns={columnsOf(map)}
          rows={map.luns}
          keyOf={(row) => keys.get(row) ?? ''}
          labelOf={lunNameOf}
          openKey={openKey}
          onOpen={setOpenKey}
          empty="No server sees a LUN. Connect the servers to the target first, or name its portal."
          detail={(row) => <Detail row={row} />}
        />
      </div>
      <p className="q-quiet">
        Reference: <bdi className="q-address">{map.source}</bdi>
      </p>
    </>
  );
};

/** Which server sees which logical unit over which path, by the identity that the unit itself tells. */
export const LunsPart = ({ peers }: { peers: readonly PeerView[] }): JSX.Element => {
  const { result, isRunning, failure } = lunSearch.use();
  const [portals, setPortals] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  // Of this page alone: nothing of it is kept once the part is closed.
  const [chap, setChap] = useState({ user: '', secret: '' });
  const [isChapProblem, setIsChapProblem] = useState(false);
  const hasPeers = peers.some(({ state }) => state === 'paired');
  const look = (): void => {
    const texts = portals.split(/[\s,;]+/).filter(Boolean);
    const endpoints = texts.flatMap((text) => parseEndpoint(text, { port: iscsiPort }) ?? []);
    const wrong = texts.find((text) => parseEndpoint(text, { port: iscsiPort }) === null);
    setProblem(wrong === undefined ? null : `"${wrong}" is not an address. Example: 10.0.1.50:3260.`);
    const isHalf = (chap.user.trim() === '') !== (chap.secret === '');
    setIsChapProblem(isHalf);
    if (wrong !== undefined || isHalf) return;
    void lookForLuns({ portals: endpoints, ...(chap.secret === '' ? {} : { chap }) });
  };
  useShortcut('c', 'Compare the LUNs', look, hasPeers && !isRunning);
  return (
    <StagePart
      id="luns"
      title="LUNs of all servers"
      says="A cluster needs the same LUNs on every node. LUNs are matched by the identity that they report, not by their number. Nothing is changed."
    >
      <form
        noValidate
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          if (hasPeers && !isRunning) look();
        }}
      >
        <div className="s-form">
          <Field
            label="Additional portals"
            hint="Every server in their subnet logs on there and lists the LUNs. Leave empty for what Windows sees."
            {...(problem ? { validationState: 'error', validationMessage: problem } : {})}
          >
            <Input value={portals} onChange={(_event, { value }) => setPortals(value)} spellCheck={false} />
          </Field>
          {portals.trim() === '' ? null : (
            <>
              <Field
                label="CHAP user"
                hint="Only if their targets ask for CHAP."
                {...(isChapProblem && chap.user.trim() === ''
                  ? { validationState: 'error', validationMessage: 'A secret needs the user that it belongs to.' }
                  : {})}
              >
                <Input
                  value={chap.user}
                  onChange={(_event, { value }) => setChap({ ...chap, user: value })}
                  spellCheck={false}
                  autoComplete="off"
                />
              </Field>
              <Field
                label="CHAP secret"
                hint="Used for this comparison on every server that logs on. Quorate does not store it."
                {...(isChapProblem && chap.secret === ''
                  ? { validationState: 'error', validationMessage: 'Type the secret of this user.' }
                  : {})}
              >
                <Input
                  type="password"
                  value={chap.secret}
                  onChange={(_event, { value }) => setChap({ ...chap, secret: value })}
                  autoComplete="off"
                />
              </Field>
            </>
          )}
        </div>
        <p className="q-actions">
          <Button type="submit" appearance="primary" disabledFocusable={isRunning || !hasPeers} aria-keyshortcuts="C">
            <KeyLabel text="Compare" letter="c" />
          </Button>
          {hasPeers ? null : <span>Pair a server first.</span>}
        </p>
      </form>
      {isRunning ? <ProgressLine progress={null} waiting="Asking every server" onCancel={lunSearch.cancel} /> : null}
      {failure ? <FailureNote envelope={failure} onDismiss={lunSearch.dismissFailure} /> : null}
      {result ? <Result key={result.at} map={result} /> : null}
    </StagePart>
  );
};
