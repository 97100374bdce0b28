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

\`quorate iscsi qualify\` answers one question: can this LUN be a disk of a failover cluster? It tests with Quorate's own initiator
and two initiator ports of its own, before any role is installed, and does not use the initiator of the operating system. The verdict is Quorate's
own; it does not replace the validation of the cluster (Test-Cluster).

- \`qualified\` (exit code 0): every case that counts passed. \`notQualified\` (4): one of them failed. \`inconclusive\` (5):
  something that counts was not proven: it was not allowed, not selected (\`--case\`, also a case that counts where it can run), the
  connection was lost, or another initiator interfered. A skipped case never counts as passed.
- A case fails only if no other initiator can be the cause: before a reservation case counts as failed, the keys, the
  reservation and the generation are read again. Another initiator, a second run of Quorate, or an SPC-2 reservation (RESERVE(6))
  makes it inconclusive. If the LUN is gone, not ready or busy for a long time, the run ends: the rest is inconclusive and not tested.
- It only reads, unless you allow more. Reservations need \`--allow-reservations\`; they are refused on a LUN where anybody else has
  a key, and the keys are read again before every RESERVE and before CLEAR. One LOGICAL UNIT RESET is sent as well: commands
  that other hosts have under way on that LUN are aborted and sent again by those hosts, which affects them less than the reservation does.
- Data is written only to a LUN whose first and last 2 MiB hold zeros (no partition table or file system at either end; what lies
  between is not read), or with \`--allow-data-loss\` and the LUN's serial number. Then only block 0 is written, with the same
  bytes that were read from it, under Quorate's own reservation, and only after a harmless command of the other initiator was refused:
  a target that does not enforce reservations is never written to.
- Every command has a time limit (10 seconds). If one is not answered, its case is inconclusive, the session is closed and opened
  again, and the run continues; a command that was not answered twice is not sent again. After 15 minutes no new case is started.
- Quorate's keys begin with \`0x51524154\` (QRAT). They are recorded in the data folder before they are registered; a key that cannot be recorded is
  not registered. They are removed at the end of every case, also after a failure, a lost connection or Ctrl-C: the holder releases,
  every initiator unregisters, and keys and reservation are read to prove it. Quorate gives up on a target that does not answer after 30
  seconds, plus a fifth of a second for each key; keys that are left are named and stay recorded. If Quorate was killed, the next run says so, and
  \`quorate iscsi reservations clear-mine\` removes exactly those keys.
- A command and the read that checks its effect are sent together if the previous state could not pass the check; a check that does
  not pass is repeated, alone, before it counts. CLEAR removes every key, so it is not sent if the generation shows that somebody else
  has just changed registrations.
- If a case has already created the state that another one needs, it tests that too, and the other case says "Asked in ...". Only a correct answer
  counts this way; otherwise the other case is run itself, so that a failure always has its own steps (except for the holder after its next logon).
- Steps are logged in the words of the report of Test-Cluster ("Registering PR key", "Putting PR reserve", "Attempting to read
  PR"), as public logs of "Validate SCSI-3 Persistent Reservation" show them.

## Names, and whose keys are found

The first initiator has this server's own name, so that a target that admits by name admits it, and an ISID that Windows does not
use, so that no session of Windows is reinstated. The second has the name with \`.second\` appended (or \`--second-initiator\`); if the
target does not admit that name, or shows it no such LUN, the two initiators are two ISIDs of one name, and the report says which it was.

A portal that is given twice is refused; if two portals turn out to be the same (a name and its address), the cases over several portals are skipped;
if redirects of two portals lead to one address, those cases are inconclusive. Paths in standby (ALUA) take part as far as they can: the
logical unit is tested over an active path, whichever portal is named first, and keys and reservation are read over all paths.

The paths of one node share bytes 0 to 3 of their ISIDs and differ in 4 and 5, as those of an operating system do; the initiator that has to
be refused has another name. If the target admits only one name and treats two sessions of it as one initiator, a case that fails for
that reason is inconclusive: name a second admitted initiator (\`--second-initiator\`).

Keys of somebody else make the reservation cases inconclusive, and nothing is changed. The report says whose they are:

| What is found | What the report says |
|---|---|
| keys that are recorded in this data folder | an earlier run of Quorate; \`clear-mine\` removes them |
| an SPC-2 reservation, RESERVE(6): every PERSISTENT RESERVE IN conflicts | somebody holds an SPC-2 reservation; the device does not report who |
| other keys that begin with QRAT | a run of Quorate on another server or with another data folder |
| registrations of this server's own initiator name, or of names given with \`--cluster-node IQN\`, and of no others | in use by the cluster that this server belongs to: in use, not a fault |
| a registration of this server's own name among others | in use by this server together with others; name them with \`--cluster-node\` |
| anything else | somebody else, with key, type and holder |

This server's own name is read automatically: on Windows from the initiator, on Linux from open-iscsi. Give the names of the other nodes
with \`--cluster-node\`, once for each: only a node itself knows its initiator name. A device
without READ FULL STATUS does not report whose a key is; then only the keys are shown.

## The cases

*Counts*: whether the verdict depends on it. SYNCHRONIZE CACHE and a WRITE of no block test whether a write conflicts: it is refused
only if both end in RESERVATION CONFLICT, and admitted only if both end in GOOD; a device without SYNCHRONIZE CACHE is judged by the
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

## Compared with libiscsi's iscsi-test-cu

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
