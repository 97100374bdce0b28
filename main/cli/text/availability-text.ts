import type { Advice } from '../../../shared/availability/advisor.ts';
import type { Grade } from '../../../shared/availability/grades.ts';
import { isGrave } from '../../../shared/availability/grades.ts';
import { questionText, type Question } from '../../../shared/availability/questions.ts';
import type { AvailabilityReport } from '../../../shared/availability/report.ts';
import type { LossResult, WhatIf } from '../../../shared/availability/what-if.ts';
import { capital, elementName, gradeWords, judgementWords } from '../../../shared/availability/words.ts';
import { outcomeMarks, printable, type Paint, type StyleName } from './style.ts';
import { renderTable, wrapText } from './table.ts';

const widthOf = (columns: number): number => Math.max(60, Math.min(columns, 140));

const quorumStyles: Readonly<Record<LossResult['quorum'], StyleName>> = {
  kept: 'green',
  lost: 'red',
  depends: 'magenta',
};

const quorumMarks: Readonly<Record<LossResult['quorum'], string>> = {
  kept: `${outcomeMarks.pass.mark} kept`,
  lost: `${outcomeMarks.fail.mark} lost`,
  depends: `${outcomeMarks.unknown.mark} depends`,
};

const section = (title: string, lines: readonly string[], width: number): string[] =>
  lines.length === 0 ? [] : ['', title, ...lines.map((line) => wrapText(line, width, { first: '- ' }))];

const mannerText = ({ lose, manner }: LossResult): string => {
  const names = lose.map(elementName);
  return capital(
    manner === 'inOrder' ? names.join(', then ') : `${names.join(' and ')}${manner === 'atOnce' ? ' at once' : ''}`,
  );
};

const vmTable = (result: LossResult, width: number): string =>
  renderTable(
    [
      { title: 'VIRTUAL MACHINE', maxWidth: 30 },
      { title: 'OUTCOME' },
      { title: 'ON', maxWidth: 28 },
      { title: 'BECAUSE', maxWidth: Math.max(24, width - 76) },
    ],
    result.vms
      .filter(({ outcome }) => outcome !== 'stays')
      .map((vm) => [
        vm.name,
        vm.outcome,
        vm.nodes.slice(0, 6).join(', ') + (vm.nodes.length > 6 ? ', ...' : ''),
        vm.because,
      ]),
  );

/** What is not known and decides, with where the answer is found; last, how a configuration that was read is completed. */
const questionSection = (questions: readonly Question[], width: number): string[] =>
  section(
    'Open questions:',
    questions.length === 0
      ? []
      : [
          ...questions.map(questionText),
          '"quorate availability state" prints the configuration as a state file: add the answers to it, and give it with --state.',
        ],
    width,
  );

/** One loss in full: the sentence, the votes, every virtual machine that does not simply stay. */
const oneLoss = (result: LossResult, paint: Paint, width: number): string[] => {
  const moved = result.vms.some(({ outcome }) => outcome !== 'stays');
  return [
    ...wrapText(result.sentence, width)
      .split('\n')
      .map((line) => paint(quorumStyles[result.quorum], line)),
    wrapText(`Quorum: ${result.because}`, width),
    ...(result.isolated ? [wrapText(result.isolated.because, width)] : []),
    ...(result.measuredRestart
      ? [
          wrapText(
            `Drills measured at most ${result.measuredRestart.seconds} s until a virtual machine ran again, the last on ${result.measuredRestart.last.slice(0, 10)}.`,
            width,
          ),
        ]
      : []),
    ...(moved ? ['', vmTable(result, width)] : []),
    ...(result.counts.stays > 0 ? ['', `${result.counts.stays} keep running where they are.`] : []),
    ...(result.worst && result.worst.down.length > 0
      ? [
          wrapText(
            `In the worst order ${result.worst.down.join(', ')} ${result.worst.down.length === 1 ? 'stays' : 'stay'} down (${result.worst.memoryMB} MB).`,
            width,
          ),
        ]
      : []),
  ];
};

const lossTable = (results: readonly LossResult[], width: number): string =>
  renderTable(
    [
      { title: 'LOSS OF', maxWidth: Math.max(24, width - 80) },
      { title: 'QUORUM' },
      { title: 'VOTES' },
      { title: 'STAY', align: 'right' },
      { title: 'RESTART', align: 'right' },
      { title: 'DOWN', align: 'right' },
      { title: 'DEPENDS', align: 'right' },
      { title: 'LARGEST NOT RESTARTED', maxWidth: 26 },
    ],
    results.map((result) => [
      mannerText(result),
      quorumMarks[result.quorum],
      `${result.votes.have} of ${result.votes.of}`,
      String(result.counts.stays),
      String(result.counts.restarts),
      String(result.counts.down),
      String(result.counts.depends),
      result.largestNotRestarted ? `${result.largestNotRestarted.name}, ${result.largestNotRestarted.memoryMB} MB` : '',
    ]),
  );

/** What is left after losses, as text: the answer first, then each loss. */
export const renderWhatIf = (answer: WhatIf, paint: Paint, columns: number): string => {
  const width = widthOf(columns);
  const [only] = answer.results;
  const isFew = answer.results.length <= 4 && answer.results.some(({ manner }) => manner !== 'single');
  return [
    ...(answer.results.length === 1 && only
      ? oneLoss(only, paint, width)
      : isFew
        ? answer.results.flatMap((result, index) => [
            ...(index > 0 ? [''] : []),
            paint('bold', mannerText(result)),
            ...oneLoss(result, paint, width),
          ])
        : [paint('bold', printable(answer.sentence)), '', lossTable(answer.results, width)]),
    ...questionSection(answer.questions, width),
    ...section('Assumptions:', [...answer.notes, ...answer.assumptions], width),
  ].join('\n');
};

const gradeStyles: Readonly<Record<Grade, StyleName>> = {
  cluster: 'red',
  machines: 'red',
  open: 'magenta',
  interruption: 'yellow',
  none: 'green',
};

const adviceRows = (advice: readonly Advice[]): string[][] =>
  advice.map((one) => [
    one.order === null ? '' : String(one.order),
    one.title,
    judgementWords[one.judgement],
    `${one.complexity} of 5`,
    one.sentence,
    one.needs.join('\n'),
  ]);

/** The ladder as text. */
export const renderAdvice = (report: AvailabilityReport, paint: Paint, columns: number): string => {
  const width = widthOf(columns);
  const first = report.advice.find(({ order }) => order === 1);
  const each = Math.max(22, Math.floor((width - 56) / 2));
  return [
    paint(
      'bold',
      first ? `First: ${first.title}.` : 'No add-on removes a single point of failure from this configuration.',
    ),
    ...(first ? [wrapText(first.sentence, width)] : []),
    '',
    renderTable(
      [
        { title: '' },
        { title: 'ADD-ON', maxWidth: 24 },
        { title: 'JUDGEMENT' },
        { title: 'COMPLEXITY' },
        { title: 'WHAT IT CHANGES', maxWidth: each },
        { title: 'WHAT IT NEEDS', maxWidth: each },
      ],
      adviceRows(report.advice),
    ),
    '',
    wrapText(
      'Each add-on is judged by running the analysis with it and with those above it. Quorate does not state prices.',
      width,
    ),
    ...questionSection(report.questions, width),
  ].join('\n');
};

/** The report as text: the first sentence, what can be lost, what holds, what to do next. */
export const renderAvailability = (report: AvailabilityReport, paint: Paint, columns: number): string => {
  const width = widthOf(columns);
  const grave = report.singlePoints.filter(({ grade }) => isGrave(grade));
  const shown = grave.length > 0 ? grave : report.singlePoints.filter(({ grade }) => grade === 'interruption');
  const text = Math.max(30, width - 62);
  const rows = (found: typeof grave): string =>
    renderTable(
      [
        { title: 'LOSS OF', maxWidth: 34 },
        { title: 'STOPS', maxWidth: 20 },
        { title: 'IN DETAIL', maxWidth: text },
      ],
      found.map((one) => [capital(one.lose.map(elementName).join(' and ')), gradeWords[one.grade], one.sentence]),
    );
  const worst: Grade = grave[0]?.grade ?? 'none';
  return [
    ...(report.source.kind === 'rehearsal' ? [paint('magenta', 'REHEARSAL: a simulated configuration.')] : []),
    ...wrapText(report.sentence, width)
      .split('\n')
      .map((line) => paint(gradeStyles[worst], line)),
    '',
    `${grave.length} of ${report.singlePoints.length} elements ${grave.length === 1 ? 'is a single point of failure' : 'are single points of failure'}; in ${report.pairs.length} of ${report.pairsCompared} pairs, losing both does more harm than losing either alone.`,
    ...report.headroom.map(({ sentence }) => wrapText(sentence, width)),
    ...(shown.length > 0 ? ['', rows(shown)] : []),
    ...(report.pairs.length > 0 ? ['', paint('bold', 'Pairs'), rows(report.pairs.slice(0, 20))] : []),
    ...(report.pairs.length > 20
      ? [`${report.pairs.length - 20} more pairs are in the report (--report FILE, --json).`]
      : []),
    ...section(
      'Sites:',
      [...report.multiSite.sites.map(({ sentence }) => sentence), ...report.multiSite.remarks],
      width,
    ),
    ...section(
      'What the next investment buys:',
      report.advice.filter(({ order }) => order !== null).map((one) => `${one.order}. ${one.title}: ${one.sentence}`),
      width,
    ),
    ...questionSection(report.questions, width),
    ...section('Assumptions:', [...report.notes, ...report.assumptions], width),
  ].join('\n');
};
