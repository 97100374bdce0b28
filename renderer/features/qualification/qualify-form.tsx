import { Button, Checkbox, Field, Input, Textarea } from '@fluentui/react-components';
import { useState, type JSX } from 'react';
import type { LogicalUnit, Purpose } from '../../../shared/model/qualification.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { Mono } from '../../ui/facts.tsx';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { Panel } from '../../ui/panel.tsx';
import { fieldProblem } from '../../ui/text-field.tsx';
import { isSamePortal, nearSource, portalsToLook } from './portals.ts';
import { namesProblem, portalProblem } from './problems.ts';
import { SourceSelect } from './source-select.tsx';
import { qualify, useQualification, type QualifyPath, type Unit } from './store.ts';
import { purposeWords } from './words.ts';

interface ChosenPath extends QualifyPath {
  readonly isUsed: boolean;
}

const NumberField = ({
  label,
  least,
  most,
  value,
  onChange,
}: {
  label: string;
  least: number;
  most: number;
  value: string;
  onChange: (value: string) => void;
}): JSX.Element => (
  <Field
    label={label}
    {...(numberOf(value, least, most) === null
      ? { validationState: 'error', validationMessage: `A number from ${least} to ${most}.` }
      : {})}
  >
    <Input
      type="number"
      min={least}
      max={most}
      value={value}
      onChange={(_event, data) => {
        onChange(data.value);
      }}
    />
  </Field>
);

const numberOf = (text: string, least: number, most: number): number | null => {
  const value = Number(text);
  return /^\d+$/.test(text) && value >= least && value <= most ? value : null;
};

/** Over which portals the unit is looked at, and from which NIC each. The first is used for what needs only one. */
const Paths = ({
  paths,
  onChange,
}: {
  paths: readonly ChosenPath[];
  onChange: (paths: readonly ChosenPath[]) => void;
}): JSX.Element => {
  const sources = useQualification((state) => state.sources);
  const [added, setAdded] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const change = (at: number, part: Partial<ChosenPath>): void =>
    onChange(paths.map((path, index) => (index === at ? { ...path, ...part } : path)));
  const add = (): void => {
    const portal = added.trim();
    const wrong = portal === '' ? null : portalProblem(portal);
    setProblem(wrong);
    if (wrong !== null) return;
    if (portal === '' || paths.some((path) => path.portal === portal)) return;
    onChange([...paths, { portal, sourceIp: nearSource(portal, sources)?.address ?? '', isUsed: true }]);
    setAdded('');
  };
  return (
    <fieldset className="s-wide g-paths">
      <legend>Portals, and the network adapter for each</legend>
      {paths.map((path, at) => (
        <div key={path.portal} className="g-path">
          <Checkbox
            className="q-mono"
            checked={path.isUsed}
            onChange={(_event, { checked }) => change(at, { isUsed: checked === true })}
            label={path.portal}
          />
          <SourceSelect
            label={`From the network adapter, to ${path.portal}`}
            portal={path.portal}
            value={path.sourceIp}
            onChange={(sourceIp) => change(at, { sourceIp })}
          />
        </div>
      ))}
      <div className="g-path g-another">
        <Field
          label="Another portal"
          hint="Some targets report only the portal you queried."
          {...fieldProblem(problem)}
        >
          <Input
            className="q-mono"
            dir="ltr"
            autoComplete="off"
            value={added}
            onChange={(_event, { value }) => setAdded(value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return;
              event.preventDefault();
              add();
            }}
          />
        </Field>
        <Button onClick={add} disabledFocusable={added.trim() === ''}>
          Add this portal
        </Button>
      </div>
    </fieldset>
  );
};

/** What is asked of a unit, and what may be done to it. Read-only unless somebody says otherwise. */
export const QualifyForm = ({
  unit,
  place,
  purpose,
  onClose,
}: {
  unit: LogicalUnit;
  place: Unit;
  purpose: Purpose;
  onClose: () => void;
}): JSX.Element => {
  const isRunning = useQualification((state) => state.run !== null);
  const { access, sources } = useQualification.getState();
  const asked = access.portal;
  const [paths, setPaths] = useState<readonly ChosenPath[]>(() =>
    portalsToLook(place.portals, place.seenOver).map((one) => ({
      ...one,
      sourceIp: isSamePortal(one.portal, asked) ? access.sourceIp : (nearSource(one.portal, sources)?.address ?? ''),
    })),
  );
  const [nodes, setNodes] = useState('2');
  const [pathsEach, setPathsEach] = useState(String(Math.min(8, Math.max(1, place.portals.length))));
  const [allowReservations, setAllowReservations] = useState(false);
  const [allowDataLoss, setAllowDataLoss] = useState(false);
  const [serial, setSerial] = useState('');
  const [secondInitiator, setSecondInitiator] = useState('');
  const [others, setOthers] = useState('');
  const used = paths.filter(({ isUsed }) => isUsed);
  const numbers = { nodes: numberOf(nodes, 2, 64), paths: numberOf(pathsEach, 1, 8) };
  const names = { others: namesProblem(others), second: namesProblem(secondInitiator) };
  const isReady =
    !isRunning &&
    used.length > 0 &&
    numbers.nodes !== null &&
    numbers.paths !== null &&
    names.others === null &&
    names.second === null &&
    (!allowDataLoss || serial.trim() !== '');
  return (
    <Panel level="h5" title={`Qualify LUN ${unit.lun} for ${purposeWords[purpose].inSentence}`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isReady || numbers.nodes === null || numbers.paths === null) return;
          void qualify(place, {
            purpose,
            nodes: numbers.nodes,
            paths: numbers.paths,
            portals: used,
            allowReservations,
            allowDataLoss,
            serial,
            secondInitiator,
            clusterInitiators: others.split(/[\s,;]+/).filter((name) => name !== ''),
          });
          onClose();
        }}
      >
        <div className="s-form">
          <NumberField label="Nodes of the cluster" least={2} most={64} value={nodes} onChange={setNodes} />
          <NumberField label="Paths of each node" least={1} most={8} value={pathsEach} onChange={setPathsEach} />
          <Paths paths={paths} onChange={setPaths} />
          <details className="s-wide">
            <summary>Names of initiators</summary>
            <div className="s-form">
              <Field
                label="Initiators of the other nodes"
                hint="One per line. Their registrations count as in use, not as a fault."
                {...fieldProblem(names.others)}
              >
                <Textarea
                  className="q-mono"
                  dir="ltr"
                  value={others}
                  onChange={(_event, { value }) => setOthers(value)}
                />
              </Field>
              <Field
                label="Name of the second initiator"
                hint="Empty: the name of this server with .second behind it, or the same name where the target admits no other."
                {...fieldProblem(names.second)}
              >
                <Input
                  className="q-mono"
                  dir="ltr"
                  autoComplete="off"
                  value={secondInitiator}
                  onChange={(_event, { value }) => setSecondInitiator(value)}
                />
              </Field>
            </div>
          </details>
          <Checkbox
            className="s-wide"
            checked={allowReservations}
            onChange={(_event, { checked }) => {
              setAllowReservations(checked === true);
              if (checked !== true) setAllowDataLoss(false);
            }}
            label={`Reserve LUN ${unit.lun} for a moment, as clustering does. Nobody else may use it meanwhile; without this the verdict stays inconclusive.`}
          />
          {allowReservations ? (
            <Checkbox
              className="s-wide"
              checked={allowDataLoss}
              onChange={(_event, { checked }) => setAllowDataLoss(checked === true)}
              label={`Write to LUN ${unit.lun} although it is not proven to be blank (the same bytes that were read)`}
            />
          ) : null}
          {allowDataLoss ? (
            <Field
              label="Serial number of the LUN"
              hint="Type it as it is shown on its card. A fault of the storage at this moment can damage what is on it."
            >
              <Input
                className="q-mono"
                dir="ltr"
                autoComplete="off"
                value={serial}
                onChange={(_event, { value }) => setSerial(value)}
              />
            </Field>
          ) : null}
        </div>
        {allowDataLoss ? (
          <p className="p-danger q-said q-strong">
            <OutcomeIcon outcome="fail" />
            <span>
              Written to: LUN {unit.lun} of <Mono>{place.target}</Mono>, serial number{' '}
              <Mono>{unit.serial ?? unit.identity ?? 'none'}</Mono>,{' '}
              {unit.sizeBytes === null ? 'size not known' : formatSize(unit.sizeBytes)}.
            </span>
          </p>
        ) : null}
        <Button type="submit" appearance="primary" disabledFocusable={!isReady}>
          Start the qualification
        </Button>
        {used.length === 0 ? <span className="q-quiet"> Select at least one portal.</span> : null}
        {isRunning ? <span className="q-quiet"> One qualification is under way.</span> : null}
      </form>
    </Panel>
  );
};
