import { Button } from '@fluentui/react-components';
import { useEffect, type JSX } from 'react';
import type { LogicalUnit } from '../../../shared/model/qualification.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { Facts, Mono } from '../../ui/facts.tsx';
import { formatBytes } from '../../ui/format.ts';
import { OutcomeIcon } from '../../ui/outcome.tsx';
import { inspect, useQualification, type Discovery, type Inspection, type Unit } from './store.ts';

const yesNo = (value: boolean | null): string | null => (value === null ? null : value ? 'Yes' : 'No');

/** Who holds what on a unit, as it was read. */
const Holders = ({ inspected }: { inspected: Inspection['luns'][number] | undefined }): JSX.Element | null => {
  if (!inspected) return null;
  const { reservations, capabilities } = inspected;
  if (inspected.problem) return <p className="q-strong">{inspected.problem}</p>;
  if (capabilities === null)
    return (
      <p className="q-said q-strong">
        <OutcomeIcon outcome="fail" /> It knows no persistent reservations.
      </p>
    );
  if (!reservations) return null;
  return (
    <Facts
      rows={[
        [
          'Reservation',
          reservations.reservation === null ? (
            'None'
          ) : (
            <>
              {reservations.reservation.type}, key <Mono>{reservations.reservation.key}</Mono>
              {reservations.reservation.holder ? (
                <>
                  , held by <Mono>{reservations.reservation.holder}</Mono>
                </>
              ) : null}
            </>
          ),
        ],
        [
          'Registered keys',
          reservations.registrations && reservations.registrations.length > 0 ? (
            <ul className="v-signs">
              {reservations.registrations.map(({ key, holder }, index) => (
                <li key={index}>
                  <Mono>{key}</Mono> {holder ? <Mono>{holder}</Mono> : 'holder not told'}
                </li>
              ))}
            </ul>
          ) : reservations.keys.length === 0 ? (
            'None'
          ) : (
            <Mono>{reservations.keys.join(', ')}</Mono>
          ),
        ],
      ]}
    />
  );
};

const UnitCard = ({
  unit,
  inspected,
  onChoose,
}: {
  unit: LogicalUnit;
  inspected: Inspection['luns'][number] | undefined;
  onChoose: () => void;
}): JSX.Element => (
  <li className="g-unit" data-lun={unit.lun}>
    <h4>
      LUN {unit.lun}
      <span className="q-quiet">
        <bdi>{`${unit.vendor} ${unit.product} ${unit.revision}`}</bdi>
      </span>
    </h4>
    <Facts
      rows={[
        [
          'Size',
          unit.sizeBytes === null
            ? null
            : `${formatBytes(unit.sizeBytes)}, blocks of ${unit.blockSizeBytes ?? '?'} bytes`,
        ],
        ['Serial number', unit.serial === null ? null : <Mono>{unit.serial}</Mono>],
        [
          'Identity (VPD 83h)',
          unit.identity === null ? (
            <span className="q-said">
              <OutcomeIcon outcome="fail" /> None
            </span>
          ) : (
            <Mono>{unit.identity}</Mono>
          ),
        ],
        ['Thin', yesNo(unit.isThin)],
        ['Write-protected', yesNo(unit.isWriteProtected)],
        ['ALUA', yesNo(unit.supportsAlua)],
      ]}
    />
    <Holders inspected={inspected} />
    <Button onClick={onChoose}>Qualify LUN {unit.lun}</Button>
  </li>
);

const Target = ({
  target,
  onChoose,
}: {
  target: Discovery['targets'][number];
  onChoose: (unit: Unit) => void;
}): JSX.Element => {
  const inspection = useQualification((state) => state.inspections[target.name]);
  const failure = useQualification((state) => state.inspectionFailures[target.name]);
  const hasUnits = (target.luns ?? []).length > 0;
  useEffect(() => {
    if (hasUnits) void inspect(target.name);
  }, [target.name, hasUnits]);
  return (
    <section className="g-target" aria-label={`Target ${target.name}`}>
      <h3>
        <Mono>{target.name}</Mono>
      </h3>
      <p className="q-quiet">
        Portals: <Mono>{target.portals.map(({ address }) => address).join(', ')}</Mono>
      </p>
      {target.problem ? (
        <div className="q-note q-note-fail" role="alert">
          <OutcomeIcon outcome="fail" />
          <div className="q-note-text">
            <p className="q-strong">
              <bdi>{target.problem.what}</bdi>
            </p>
            <p>
              <bdi>{target.problem.next}</bdi>
            </p>
            <p className="q-quiet">
              Code <code>{target.problem.code}</code>
            </p>
          </div>
        </div>
      ) : null}
      {target.luns?.length === 0 ? <p>The target shows no logical unit to this initiator.</p> : null}
      {failure ? <FailureNote envelope={failure} onRetry={() => void inspect(target.name)} /> : null}
      <ul className="g-units">
        {(target.luns ?? []).map((unit) => (
          <UnitCard
            key={unit.lun}
            unit={unit}
            inspected={inspection?.luns.find(({ lun }) => lun === unit.lun)}
            onChoose={() =>
              onChoose({
                target: target.name,
                portals: target.portals.map(({ address }) => address),
                lun: unit.lun,
              })
            }
          />
        ))}
      </ul>
    </section>
  );
};

/** What the portal offers: targets with their logical units, and who holds what on them. */
export const Targets = ({ onChoose }: { onChoose: (unit: Unit) => void }): JSX.Element | null => {
  const discovery = useQualification((state) => state.discovery);
  if (!discovery) return null;
  return (
    <div>
      <p className="q-quiet">
        Asked as <Mono>{discovery.initiator}</Mono> from <Mono>{discovery.localAddress}</Mono>.
      </p>
      {discovery.targets.length === 0 ? (
        <p>The portal offers no target to this initiator. Admit its name on the storage, then look again.</p>
      ) : null}
      {discovery.targets.map((target) => (
        <Target key={target.name} target={target} onChoose={onChoose} />
      ))}
    </div>
  );
};
