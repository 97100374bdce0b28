// docs/targets.md: what real targets do in every case of the qualification, as the lab saw it, and what public reports say of others.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importTypeScript } from '../setup/import-typescript.mjs';
import { root } from '../setup/steps.mjs';

const read = (name) => JSON.parse(readFileSync(join(root, 'test', 'lab', name), 'utf8'));
const row = (...cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;

const names = {
  lio: 'The Linux kernel’s target (LIO)',
  tgt: 'tgt (Linux SCSI target framework)',
  istgt: 'istgt',
  embedded: 'the practice target',
};

const sources = {
  lio: 'kernel.org, drivers/target; Debian package linux-image-amd64, in a QEMU guest',
  tgt: 'github.com/fujita/tgt; Debian package tgt',
  istgt: 'peach.ne.jp/archives/istgt; Debian package istgt',
  embedded: 'main/rehearsal/target of this repository',
};

const verdicts = { qualified: 'qualified', notQualified: '**not qualified**', inconclusive: 'inconclusive' };
const marks = { passed: 'passed', failed: '**failed**', inconclusive: 'inconclusive', skipped: 'skipped' };

const page = async () => {
  const { allCases } = await importTypeScript('main/qualify/suites/index.ts');
  const seen = read('targets.json');
  const reported = read('reported-targets.json');
  const order = Object.keys(names).filter((name) => seen[name]);
  const cell = (name, id) => marks[seen[name].cases[id]?.verdict] ?? 'not asked';
  const reasons = (name) => {
    const alike = new Map();
    for (const { id } of allCases) {
      const one = seen[name].cases[id];
      if (!one || one.verdict === 'passed' || one.because === null) continue;
      alike.set(one.because, [...(alike.get(one.because) ?? []), id]);
    }
    return [...alike].map(([because, ids]) => `- ${ids.map((id) => `\`${id}\``).join(', ')}: ${because}`).join('\n');
  };
  return `# What real targets do

Generated from \`test/lab/targets.json\` by \`npm run docs\`. The lab (\`npm test -- lab\`) qualifies a blank LUN of each target over two portals and
compares every verdict and every reason with this page, so that it stays true; \`QUORATE_RECORD=1\` writes what it finds. Names in the
reasons are taken out. What a case asks is in [qualification.md](qualification.md).
A case that *informs* does not decide the verdict, whatever it finds.

${row('Target', 'Version seen', 'Device', 'Verdict', 'Source')}
|---|---|---|---|---|
${order.map((name) => row(names[name], seen[name].version, seen[name].device, verdicts[seen[name].verdict], sources[name])).join('\n')}

## Case by case

${row('Case', ...order.map((name) => names[name]))}
|---|${order.map(() => '---|').join('')}
${allCases.map(({ id, required }) => row(`\`${id}\`${required === false ? ' (informs)' : ''}`, ...order.map((name) => cell(name, id)))).join('\n')}

## Why

${order.map((name) => `### ${names[name]}\n\n${reasons(name) || 'Every case passed.'}`).join('\n\n')}

## In other set-ups

What \`test/lab/lio.test.ts\` sees on the Linux kernel's target beside the usual set-up, and what Quorate says then:

| Set-up | What it does | What Quorate says |
|---|---|---|
| a LUN with data | SYNCHRONIZE CACHE and a WRITE of no block are GOOD for everybody under Write Exclusive, VERIFY with data conflicts | inconclusive, never failed; with \`--allow-data-loss\` and \`--serial\` qualified |
| Debian's default set-up, in which nothing makes the folder \`pr\` below dbroot | every REGISTER ends in NOT READY 08h/00h, and registers | failed, with the folder to make; the keys are found and removed |
| one admitted initiator name | two sessions of one name are one initiator to PREEMPT, CLEAR and writes | inconclusive: name a second admitted initiator |
| CHAP, and an initiator without it | with None alone in the offer it hangs up | CHAP is needed |
| two portal groups, each on every address (0.0.0.0) with a port of its own | SendTargets lists both with the address and port at which it was asked | the portal is listed in two portal groups and can be in one; the portal that was asked is offered, others can be added |
| a portal group in standby (ALUA) | TEST UNIT READY, READ and WRITE end in 04h/0Bh; PERSISTENT RESERVE IN is answered | judged over the active path, keys and reservation read over both |
| LUN 0 unmapped in the middle of a run | a write-protected stand-in answers under the number, with GOOD to PERSISTENT RESERVE IN and no key; INQUIRY says that no device is connected | inconclusive: another unit, or none, answers, or it could not be asked; nothing more is sent to another one, keys of the run are named and stay noted |
| LUN numbers above 255 | REPORT LUNS lists them as plain 16 bits; above 16383 that reads as another number (flat space addressing) | qualified up to 16383; every form of SAM-5 is taken up to 16777215 |
| a LUN in memory (rd_mcp) | as a file | qualified |
| 128 registrations of others | READ KEYS lists all of them | all of them are read; inconclusive for as long as they are there, and none is removed |
| paths of one node, whose ISIDs differ in bytes 4 and 5 only | where it enforces, it takes them for one | the initiator that is to be refused has a name of its own |
| nobody holds anything, and an initiator that is not registered sends RESERVE | NOT READY 08h/00h | an error of any kind counts as a refusal, because TEST UNIT READY says that the LUN is ready |

## By public reports

Nothing of this was seen in the lab: it is what makers, maintainers and users say in public, each with where. What Quorate does there is tried
with targets of its own that behave so; [I] marks what is concluded and was tried nowhere.

${row('Target', 'What is reported', 'What Quorate does', 'Source')}
|---|---|---|---|
${reported.map(({ target, what, quorate, source }) => row(target, what, quorate, source)).join('\n')}
`;
};

export const documents = { 'docs/targets.md': page };
