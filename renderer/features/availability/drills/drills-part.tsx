import { Button, Field, Input, Select } from '@fluentui/react-components';
import { useEffect, useMemo, useState, type JSX } from 'react';
import { elementName, elementText } from '../../../../shared/availability/words.ts';
import type { Model } from '../../../../shared/availability/model.ts';
import { drillKinds, leastHoldSeconds, mostHoldSeconds } from '../../../../shared/model/drill-limits.ts';
import { FailureNote } from '../../../ui/failure-note.tsx';
import { ProgressLine } from '../../../ui/progress-line.tsx';
import { useShortcut } from '../../../ui/shortcuts.ts';
import { StagePart } from '../../../ui/stage-head.tsx';
import { DataTable } from '../../../ui/table/data-table.tsx';
import { PlanView } from './plan-view.tsx';
import { historyColumns, RecordView } from './record-view.tsx';
import { cancelDrill, planDrill, readHistory, runDrill, useDrills } from './store.ts';
import { usePart } from '../../../ui/use-part.ts';
import { localTime } from '../../../../shared/model/time.ts';

const drillable: readonly string[] = drillKinds;

/** Asks what to take away and for how long. */
const DrillForm = ({
  model,
  servers,
  chosen,
}: {
  model: Model;
  servers: readonly string[];
  /** What a person let fail in the picture. */
  chosen: string | null;
}): JSX.Element => {
  const elements = useMemo(() => model.elements.filter(({ kind }) => drillable.includes(kind)), [model]);
  const [picked, setPicked] = useState<string | null>(null);
  const [hold, setHold] = useState('30');
  const isDrillable = elements.some(({ id }) => id === chosen);
  const element = picked ?? (isDrillable ? chosen : null) ?? elements[0]?.id ?? null;
  const seconds = Number(hold);
  const isValid = Number.isInteger(seconds) && seconds >= leastHoldSeconds && seconds <= mostHoldSeconds;
  return (
    <form
      className="a-drill-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isValid && element !== null) void planDrill({ servers: [...servers], element, holdSeconds: seconds });
      }}
    >
      <Field label="Take away">
        <Select value={element ?? ''} onChange={(_event, { value }) => setPicked(value)}>
          {elements.map((one) => (
            <option key={one.id} value={one.id}>
              {elementText(one)}
            </option>
          ))}
        </Select>
      </Field>
      <Field
        label="Duration in seconds"
        {...(isValid
          ? {}
          : {
              validationState: 'error',
              validationMessage: `A whole number from ${leastHoldSeconds} to ${mostHoldSeconds}.`,
            })}
      >
        <Input value={hold} inputMode="numeric" onChange={(_event, { value }) => setHold(value)} />
      </Field>
      <Button type="submit" disabledFocusable={!isValid || element === null}>
        Plan the drill
      </Button>
    </form>
  );
};

/** Something is taken away on purpose, measured, and given back: plan, run, evidence. */
export const DrillsPart = ({
  model,
  servers,
  chosen,
}: {
  model: Model;
  /** The servers that the configuration was read from; empty: it comes from a file. */
  servers: readonly string[];
  chosen: string | null;
}): JSX.Element => {
  const { plan, record, history, doing, progress, failure } = usePart(
    useDrills,
    'plan',
    'record',
    'history',
    'doing',
    'progress',
    'failure',
  );
  useEffect(() => {
    void readHistory();
  }, []);
  const canRun = plan !== null && plan.refusals.length === 0 && doing === null;
  useShortcut('r', 'Run the planned drill', () => void runDrill(), canRun);
  return (
    <StagePart
      id="drills"
      title="Drills"
      says="A drill takes something away on purpose, measures each virtual machine's outage from another node, and gives it back. It is refused where a virtual machine would not survive."
    >
      {servers.length === 0 ? (
        <p>Drills need a cluster that was read from its servers: select Read this cluster above.</p>
      ) : doing === null && plan === null ? (
        <DrillForm model={model} servers={servers} chosen={chosen} />
      ) : null}
      {doing === null ? null : (
        <ProgressLine
          progress={progress}
          waiting={doing === 'planning' ? 'Reading the cluster for the drill' : 'Starting the drill'}
          onCancel={cancelDrill}
          cancelLabel={doing === 'running' ? 'Cancel the drill and give everything back' : 'Cancel'}
        />
      )}
      {failure ? <FailureNote envelope={failure} onDismiss={() => useDrills.setState({ failure: null })} /> : null}
      {plan ? <PlanView plan={plan} isRunning={doing === 'running'} /> : null}
      {record ? <RecordView record={record} /> : null}
      {history === null ? null : history.length === 0 ? (
        <p className="q-quiet">
          No drill has been carried out yet. The first one measures how long a virtual machine is down.
        </p>
      ) : (
        <DataTable
          name="availability-drills"
          caption="Drills that were carried out"
          columns={historyColumns}
          rows={history}
          keyOf={({ id }) => id}
          labelOf={({ element, at }) => `${elementName(element)} on ${localTime(at)}: what was measured`}
          empty="No drill has been carried out yet."
          detail={(one) => <RecordView record={one} />}
        />
      )}
    </StagePart>
  );
};
