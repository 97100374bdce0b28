// docs/qualification.md: every case from the list that runs, and the verdicts that the lab holds against libiscsi's.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importTypeScript } from '../setup/import-typescript.mjs';
import { root } from '../setup/steps.mjs';

const needs = {
  nothing: 'reading',
  reservations: '`--allow-reservations`',
  dataLoss: '`--allow-reservations`, and both ends of the LUN blank, or `--allow-data-loss --serial`',
};
const counts = (required) => (required === true ? 'yes' : required === 'whenRun' ? 'where it can run' : 'informs');
const row = (...cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;

const page = async () => {
  const { allCases } = await importTypeScript('main/qualify/suites/index.ts');
  const judged = JSON.parse(readFileSync(join(root, 'test', 'lab', 'qualification-judge.json'), 'utf8'));
  const faulty = JSON.parse(readFileSync(join(root, 'test', 'lab', 'qualification-judge-faults.json'), 'utf8'));
  const suites = new Map();
  for (const one of allCases) {
    const [family] = one.id.split('.');
    suites.set(family, [...(suites.get(family) ?? []), one]);
  }
  const differing = judged.filter(({ because }) => because !== null);
  return `# Qualification of a logical unit

Generated from \`main/qualify\` and \`test/lab/qualification-judge.json\` by \`npm run docs\`.

\`quorate iscsi qualify\` asks one question: can this LUN be a disk of a failover cluster? It asks with Quorate's own initiator
and two initiator ports of its own, before any role is installed, and without the system's initiator. The verdict is Quorate's
own; it does not replace the validation of the cluster (Test-Cluster).

- \`qualified\` (exit code 0): every case that counts passed. \`notQualified\` (4): one of them failed. \`inconclusive\` (5):
  something that counts was not proven: not allowed, not asked for (\`--case\`, also a case that counts where it can run), the
  connection broke, or another initiator was there. A skip is never a pass.
- A failure is believed only where nobody else can be its reason: before a reservation case counts as failed the keys, the
  reservation and the generation are read again. Another initiator, a second run of Quorate, or a reservation of SPC-2 (RESERVE(6))
  make it inconclusive. A LUN that is gone, not ready or lastingly busy ends the run: the rest is inconclusive and not asked.
- It reads only, unless told otherwise. Reservations need \`--allow-reservations\`; they are refused on a LUN where anybody else has
  a key, and the keys are read again before every RESERVE and before CLEAR. One LOGICAL UNIT RESET is asked for as well: commands
  that others have under way on that LUN end and are sent again by them, which is less than what the reservation does to them.
- Data is written only to a LUN whose first and last 2 MiB hold zeros (no partition table or file system at either end; what lies
  between is not read), or with \`--allow-data-loss\` and the LUN's serial number. Then block 0 alone is written, with the same
  bytes that were read from it, under Quorate's own reservation, and only after a harmless command of the other initiator was refused:
  a target that does not enforce reservations is never written to.
- Every question has a deadline of its own (10 seconds). One that stays unanswered makes its case inconclusive, its session is dropped and opened
  anew, and the rest goes on; what stayed unanswered twice is not asked again. After 15 minutes no new question is asked.
- Quorate's keys begin with \`0x51524154\` (QRAT). They are noted in the data folder before they are registered; what cannot be noted is
  not registered. They are removed at the end of every case, also after a failure, a cut connection or Ctrl-C: the holder releases,
  every initiator unregisters, and keys and reservation are read to prove it. A target that does not answer is given up after 30
  seconds, plus a fifth of a second for each key; what is left is named and stays noted. After a kill the next run says so, and
  \`quorate iscsi reservations clear-mine\` removes exactly those keys.
- A command and the read that checks its effect are sent together where an old state could not pass the check; a check that does
  not pass is repeated, alone, before it counts. CLEAR takes every key, so it is not sent where the generation shows that anybody else
  changed registrations a moment ago.
- Where a case already has the state that another one needs, it asks that question too, and the other says "Asked in ...". Only a right answer
  counts this way; otherwise the case asks again itself, so that a failure always has its own steps (except for the holder after its next logon).
- Steps are logged in the words of the report of Test-Cluster ("Registering PR key", "Putting PR reserve", "Attempting to read
  PR"), as public logs of "Validate SCSI-3 Persistent Reservation" show them.

## Names, and whose keys are found

The first initiator has this server's own name, so that a target that admits by name lets it in, and an ISID that Windows does not
use, so that no session of Windows is reinstated. The second has the name with \`.second\` behind it (\`--second-initiator\`); where the
target does not admit that, or shows it no such LUN, both are two ISIDs of one name, and the report says which of these it was.

Portals that are one and the same are refused (given twice) or skip the cases over several portals (a name and an address of one);
where redirects of two portals lead to one address those cases are inconclusive. Paths in standby (ALUA) take part as far as they can: the
logical unit is judged over a path that is active, whichever portal is named first, and keys and reservation are read over all.

The paths of one node share bytes 0 to 3 of their ISIDs and differ in 4 and 5, as those of an operating system do; the initiator that has to
be refused has another name. Where the target admits one name only and takes two sessions of it for one initiator, what fails for
that reason is inconclusive: name a second admitted initiator (\`--second-initiator\`).

Keys of somebody else make the reservation cases inconclusive, and nothing is touched. The report tells them apart:

| What is found | What the report says |
|---|---|
| keys that are noted in this data folder | an earlier run of Quorate; \`clear-mine\` removes them |
| a reservation of SPC-2, RESERVE(6): every PERSISTENT RESERVE IN conflicts | somebody holds a reservation of SPC-2; the device does not report who |
| other keys that begin with QRAT | a run of Quorate on another server or with another data folder |
| registrations of this server's own initiator name, or of names given with \`--cluster-node IQN\`, and of no others | in use by the cluster that this server belongs to: in use, not a fault |
| a registration of this server's own name among others | in use by this server together with others; name them with \`--cluster-node\` |
| anything else | somebody else, with key, type and holder |

The own name is read without an option: on Windows from the initiator, on Linux from open-iscsi. Names of the other nodes are not
asked for anywhere: a node's initiator name is known to that node only, so \`--cluster-node\` gives it, once for each. A device
without READ FULL STATUS does not tell whose a key is; then the keys alone are shown.

## The cases

*Counts*: whether the verdict rests on it. SYNCHRONIZE CACHE and a WRITE of no block ask whether a write conflicts: refused counts
only where both are RESERVATION CONFLICT, admitted only where both are GOOD; a device without SYNCHRONIZE CACHE is judged by the
WRITE alone, and any other answer is inconclusive. A device on which an initiator that is not registered is not refused by them is
judged by VERIFY with BYTCHK 1, once a real write has agreed with it on a blank LUN (or one whose loss was allowed); on a LUN with data
those cases are inconclusive. NOT READY to a command that TEST UNIT READY does not confirm is a refusal of that command.

${[...suites]
  .map(
    ([family, cases]) => `### ${family}

${row('Case', 'What is proven', 'Counts', 'Needs', 'What a failure means for the cluster', 'Source')}
|---|---|---|---|---|---|
${cases
  .map((one) => row(`\`${one.id}\``, one.title, counts(one.required), needs[one.needs], one.meaning, one.source))
  .join('\n')}`,
  )
  .join('\n\n')}

## Held against libiscsi's iscsi-test-cu

\`test/lab/qualification-judge.test.ts\` asks both, case by case, about Debian's tgt, the Linux kernel's own target (LIO, in
a QEMU guest) and istgt, which we did not write, and about the practice target, and fails when an answer is another one than here. The tool counts a skip as a pass; here it would be a skip. A
case without a test of libiscsi has "none". What each target does is in [targets.md](targets.md).

${row('Case', 'libiscsi’s test', ...['LIO', 'tgt', 'embedded', 'istgt'].flatMap((name) => [`${name}: ours`, `${name}: libiscsi`]))}
|---|---|---|---|---|---|---|---|---|---|
${judged
  .map((one) =>
    row(
      `\`${one.case}\``,
      one.test === null ? 'none' : `\`${one.test}\``,
      ...[one.lio, one.tgt, one.embedded, one.istgt].flatMap(({ ours, theirs }) => [ours, theirs ?? '']),
    ),
  )
  .join('\n')}

### The differences

${differing.map((one) => `- \`${one.case}\`: ${one.because}`).join('\n')}

### Devices that are wrong

\`test/lab/qualification-judge-faults.test.ts\` puts the practice target with a fault before both. A case is under "both" where ours
and the test of libiscsi beside it fail.

${row('The device', 'Fault', 'Both fail', 'Only ours', 'Only libiscsi’s', 'Because')}
|---|---|---|---|---|---|
${faulty
  .map((one) =>
    row(
      one.device,
      `\`${one.fault}\``,
      ...[one.both, one.ours, one.theirs].map((cases) => cases.map((id) => `\`${id}\``).join(', ') || 'none'),
      one.because ?? '',
    ),
  )
  .join('\n')}

## Comparing

\`quorate iscsi qualify ... --report FILE.json\` exports, \`quorate iscsi compare A.json B.json\` puts two or more side by side: several
targets, or one LUN as several servers see it. The verdict of every case that counts must match and, where all reports are about
one target and LUN, what makes it one device (identity, serial number, size, block size). The answer begins with the verdicts:
reports that are alike can all be bad. A report carries a digest; one that was altered or cut is refused. Figures are shown beside each other
and not judged. Exit codes: 0 all that must match does, 4 something differs, 5 something is not proven on one side.
`;
};

export const documents = { 'docs/qualification.md': page };
