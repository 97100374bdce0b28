import { asClause } from '../../model/sentence.ts';
import type { LunCell, LunRow, LunVerdict } from '../../model/lun-map.ts';

export const lunVerdictWords: Readonly<Record<LunVerdict, string>> = {
  different: 'Different',
  missing: 'Missing',
  unknown: 'Unknown',
  same: 'Same',
};

/** `LUN 1 over 10.0.3.50:3260`: target names are long and the same in a row, so they stand apart. */
const pathText = ({ lun, portal, source, target }: LunCell['paths'][number]): string =>
  [
    lun === null ? null : `LUN ${lun}`,
    portal === null ? (target === null ? 'local bus' : null) : `over ${portal}`,
    source === null ? null : `from ${source}`,
  ]
    .filter((part) => part !== null)
    .join(' ');

/** How one server sees a logical unit: its paths, or why it does not. */
export const lunCellText = ({ isSeen, paths, because }: LunCell): string => {
  if (isSeen === true) return [...new Set(paths.map(pathText))].join('; ');
  return isSeen === false ? `no: ${asClause(because ?? '')}` : `not known: ${asClause(because ?? '')}`;
};

/** What a row is called: the identity where there is one, else what is known of it. */
export const lunNameOf = ({ identity, serial, cells }: LunRow): string => {
  const number = cells.flatMap(({ paths }) => paths).find(({ lun }) => lun !== null)?.lun;
  return (
    identity ??
    serial ??
    (number === undefined || number === null ? 'without identity' : `LUN ${number}, without identity`)
  );
};
