import type { Inspection } from '../../../shared/contract/iscsi.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { tellFact } from '../../../shared/model/unit-fact.ts';
import { printable, type Paint } from './style.ts';
import { renderTable, wrapText } from './table.ts';

type Unit = Inspection['luns'][number];

/** Only "no" means no: what the device did not answer is not known. */
const yesNo = (value: boolean | null): string => (value === null ? 'not answered' : value ? 'yes' : 'no');

const notSupported = 'the device does not have persistent reservations';

const keyRows = (unit: Unit): string[][] => {
  if (unit.keys === null) return [['keys', unit.reservationState === 'notSupported' ? notSupported : 'not answered']];
  if (unit.keys.length === 0) return [['keys', 'none']];
  const registrations = unit.reservations?.registrations ?? null;
  const lines = registrations
    ? registrations.map(({ key, holder }) => `${key} of ${holder ?? 'an initiator that is not reported'}`)
    : unit.keys.map((key) => `${key} (the device does not tell whose)`);
  return lines.map((line, at) => [at === 0 ? 'keys' : '', line]);
};

const reservationOf = ({ reservationState, reservation }: Unit): string => {
  switch (reservationState) {
    case 'held':
      return reservation
        ? `${reservation.type} with ${reservation.key}, held by ${reservation.holder ?? 'an initiator that is not reported'}`
        : 'held';
    case 'none':
      return 'none';
    case 'notSupported':
      return notSupported;
    case 'notAnswered':
      return 'not answered';
  }
};

const capability = (unit: Unit, name: string): boolean | null => {
  const value = unit.capabilities?.[name];
  return typeof value === 'boolean' ? value : null;
};

const rowsOf = (unit: Unit): string[][] => {
  const others = unit.designators.filter((one) => one !== unit.identity);
  const isReserving = unit.reservationState !== 'notSupported';
  return [
    ...(unit.notReady === null ? [] : [['state', `NOT READY: ${unit.notReady}`]]),
    ['identity', tellFact(unit, 'identity', 'none')],
    ...others.map((one, at) => [at === 0 ? 'also known as' : '', one]),
    ['serial', tellFact(unit, 'serial', 'none')],
    [
      'size',
      unit.sizeBytes === null
        ? 'not answered'
        : `${formatSize(unit.sizeBytes)}, blocks of ${unit.blockSizeBytes ?? '?'} bytes, physical ${unit.physicalBlockSizeBytes ?? 'not reported'}`,
    ],
    ['provisioning', unit.isThin === null ? 'not answered' : unit.isThin ? 'thin' : 'thick'],
    ['write protected', yesNo(unit.isWriteProtected)],
    ['ALUA', unit.supportsAlua === null ? 'not answered' : unit.supportsAlua ? 'yes' : 'no, all paths are alike'],
    ...keyRows(unit),
    ['reservation', reservationOf(unit)],
    ...(isReserving
      ? [
          [
            'APTPL',
            unit.capabilities === null
              ? 'not reported'
              : `possible: ${yesNo(capability(unit, 'persistThroughPowerLossCapable'))}, active: ${yesNo(capability(unit, 'persistThroughPowerLossActive'))}`,
          ],
          ['types', String(unit.capabilities?.['types'] ?? 'not reported')],
        ]
      : []),
    ...(unit.problem === null ? [] : [['problem', unit.problem]]),
  ];
};

/** An inspection as text: where it was asked and as whom, then every unit, then what was not answered. */
export const renderInspection = (seen: Inspection, paint: Paint, columns: number): string =>
  [
    wrapText(
      `${seen.target} over ${seen.portal} as ${seen.initiator} (authentication: ${seen.authentication})`,
      columns,
      {
        rest: '  ',
      },
    ),
    ...seen.luns.flatMap((unit) => [
      '',
      paint('bold', printable(`LUN ${unit.lun}: ${unit.vendor} ${unit.product} ${unit.revision}`.trimEnd())),
      renderTable([{ title: '' }, { title: '', maxWidth: Math.max(40, columns - 18) }], rowsOf(unit)).trimStart(),
    ]),
    ...(seen.luns.length === 0 && seen.problems.length === 0 ? [`The target shows no LUN to ${seen.initiator}.`] : []),
    ...seen.warnings.map((warning) => wrapText(`Note: ${printable(warning)}`, columns, { rest: '  ' })),
    ...(seen.problems.length === 0 ? [] : ['']),
    ...seen.problems.map((problem) => wrapText(`problem: ${problem}.`, columns, { rest: '  ' })),
  ].join('\n');
