import { asClause } from '../../../shared/model/sentence.ts';
import type { LunMap } from '../../../shared/model/lun-map.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { lunCellText, lunNameOf } from '../../../shared/rules/peers/lun-words.ts';
import { outcomeWords, serverColumns } from './servers-beside.ts';
import type { Paint } from './style.ts';
import { renderTable } from './table.ts';

/** Which server sees which unit, then what to do about each that is not the same everywhere. */
export const renderLunMap = (map: LunMap, paint: Paint, columns: number): string => {
  const { servers, luns } = map;
  const table = renderTable(
    [
      { title: 'RESULT' },
      { title: 'VERDICT' },
      { title: 'IDENTITY (VPD 83h)', maxWidth: 38 },
      { title: 'SIZE' },
      ...serverColumns(servers, columns, { besides: 60, narrowest: 18 }),
    ],
    luns.map((lun) => [
      outcomeWords[lun.outcome],
      lun.verdict,
      lunNameOf(lun),
      lun.sizeBytes === null ? '-' : formatSize(lun.sizeBytes),
      ...lun.cells.map(lunCellText),
    ]),
  );
  const remarks = luns
    .filter(({ outcome }) => outcome !== 'pass')
    .map(
      (lun) => `${outcomeWords[lun.outcome]}  ${lunNameOf(lun)}: ${lun.text}${lun.next === null ? '' : ` ${lun.next}`}`,
    );
  const silent = servers.flatMap(({ because, name, notLooked }) => [
    ...(because === null ? [] : [`${name}: ${asClause(because)}`]),
    ...notLooked.map((text) => `${name} could not look: ${text}`),
  ]);
  const blocks = [
    paint('bold', map.sentence),
    ...(luns.length > 0 ? [table.trimEnd()] : []),
    remarks.join('\n'),
    silent.join('\n'),
  ];
  return blocks.filter((block) => block !== '').join('\n\n');
};
