// docs/windows-model.md: every behaviour of Windows that the simulated servers model, with where it was read.
import { importTypeScript } from '../setup/import-typescript.mjs';

const kinds = {
  refusal: 'What Windows refuses',
  default: 'What Windows takes when nothing is said',
  property: 'What Windows gives back',
  effect: 'What else happens',
};

const cell = (text) => text.replaceAll('|', '\\|');

const errorOf = ({ error, at }) =>
  error
    ? `\`${error.id}${error.command === '' ? '' : `,${error.command ?? at[0].split(' ')[0]}`}\` (${error.category})`
    : '';

const page = async () => {
  const { behaviours } = await importTypeScript('main/rehearsal/world/behaviours/index.ts');
  // The cmdlets are a part of the tests; what they alone show is read there and nowhere in what ships.
  const { cmdletBehaviours } = await importTypeScript('test/powershell/world/behaviours.ts');
  const rows = Object.entries({ ...behaviours, ...cmdletBehaviours });
  const inferred = rows.filter(([, row]) => row.source === '[I]').length;
  const decidedHere = Object.entries(kinds).map(([kind, title]) => {
    const own = rows.filter(([, row]) => row.kind === kind && row.source === '[I]').map(([id]) => `\`${id}\``);
    return `- ${title}: ${own.length === 0 ? 'nothing' : own.sort().join(', ')}.`;
  });
  const sections = Object.entries(kinds).map(([kind, title]) => {
    const own = rows.filter(([, row]) => row.kind === kind).sort(([one], [other]) => (one < other ? -1 : 1));
    const isRefusal = kind === 'refusal';
    const head = isRefusal
      ? '| Behaviour | What | Where | Error id and category | Failure | Source |\n|---|---|---|---|---|---|'
      : '| Behaviour | What | Where | Source |\n|---|---|---|---|';
    const lines = own.map(([id, row]) => {
      const cells = [`\`${id}\`${id in cmdletBehaviours ? '*' : ''}`, cell(row.what), cell(row.at.join(', '))];
      if (isRefusal) cells.push(cell(errorOf(row)), row.failure ? `\`${row.failure}\`` : '');
      cells.push(row.source === '[I]' ? '**[I]**' : `<${row.source}>`);
      return `| ${cells.join(' | ')} |`;
    });
    return `## ${title}\n\n${head}\n${lines.join('\n')}`;
  });
  return `# The model of Windows

Generated from \`main/rehearsal/world/behaviours\` and \`test/powershell/world/behaviours.ts\` by \`npm run docs\`. These are all refusals, defaults, returned properties and
side effects of Windows that the simulated servers model, each with the public address where it was read. **[I]** means
inferred: no public document was found that says so. A behaviour marked [I] never satisfies a contract test; such tests are
marked as assumed and prove only that both hosts are alike. A name with an asterisk is shown by simulated cmdlets alone, which the tests have and the
product does not: no rehearsal meets it.

${rows.length} behaviours, ${rows.length - inferred} with a source, ${inferred} inferred.

${sections.join('\n\n')}

## What only the rehearsal decides

The behaviours without a source, by name. Where one of them is not as on Windows, a rehearsal and the tests agree with each other and both are wrong:
these are the first to look at when a real server answers otherwise.

${decidedHere.join('\n')}
`;
};

export const documents = { 'docs/windows-model.md': page };
