// docs/target.md: the practice target's faults, steps and commands, from the tables that the target itself runs on.
import { importTypeScript } from '../setup/import-typescript.mjs';

const load = async () => {
  const [{ listFaults, steps }, { commands }, { reservationTypes }] = await Promise.all(
    [
      'main/rehearsal/faults/index.ts',
      'main/rehearsal/target/scsi/commands.ts',
      'main/rehearsal/store/reservation-types.ts',
    ].map(importTypeScript),
  );
  return { listFaults, steps, commands, reservationTypes };
};

const allowed = {
  always: ['allowed', 'allowed'],
  read: ['allowed', 'conflict'],
  write: ['conflict', 'conflict'],
  control: ['conflict', 'conflict'],
};

const page = async () => {
  const { listFaults, steps, commands, reservationTypes } = await load();
  const row = (...cells) => `| ${cells.join(' | ')} |`;
  return `# The practice target

Generated from the tables of \`main/rehearsal\` by \`npm run docs\`.

**Not for data.** It is the storage array of rehearsals, tests and labs: its LUNs are in memory or in plain files, and it has
whatever faults you turn on. \`quorate target serve\` starts one on loopback, other addresses need \`--lab\`; Ctrl-C ends it.
\`quorate target fault\` changes its faults while it runs; \`--off\` turns off a fault as it is shown (\`cut:r2t@2\`), or all faults of a
name. There is room for 256 sessions (\`--max-sessions\`) and, on each LUN, for 256 registrations
(\`--max-registrations\`): 64 nodes with four paths.

RFC 7143 with ErrorRecoveryLevel 0 and one connection per session: discovery and normal sessions, several portals and portal
groups, CHAP one-way and mutual, immediate and unsolicited data, R2T, digests, session reinstatement, redirects, task management,
asynchronous messages. \`test/lab/target.test.ts\` compares it with libiscsi's \`iscsi-test-cu\` and says where the two differ and which
is right. REPLACE LOST RESERVATION and COMPARE AND WRITE are not supported; RESERVE (6) conflicts once anything is registered.

Of several conditions, one is reported, in the order of SAM-5 clause 5.3.3: unit attentions of a reset or a lost nexus, RESERVATION
CONFLICT, all other unit attentions. A command that is aborted while it runs (PREEMPT AND ABORT, task management, a lost connection) writes nothing
after that, and the command that aborted it is answered only then.

## Faults

${row('Fault', 'What the target does wrong')}
|---|---|
${listFaults()
  .map((one) => row(`\`${one.form}\``, one.what))
  .join('\n')}

## Steps

Where \`stall\`, \`cut\`, \`half\`, \`garbage\`, \`overlong\`, \`wrong-tag\` and \`reject\` strike: always in place of a PDU that the target is
about to send. \`STEP@N\` strikes the Nth time only.

${row('Step', 'When')}
|---|---|
${steps.map((one) => row(`\`${one.name}\``, one.what)).join('\n')}

## Commands, and what happens while another initiator holds a reservation

Types ${Object.entries(reservationTypes)
    .map(([code, type]) => `${code} ${type.name}`)
    .join(', ')}. A registered initiator is let in by the types 5 to 8.

${row('Command', 'Operation code', 'Write Exclusive types', 'Exclusive Access types')}
|---|---|---|---|
${commands
  .map((one) => {
    const code = one.opcode.toString(16).toUpperCase().padStart(2, '0');
    const action = one.serviceAction === undefined ? '' : `/${one.serviceAction.toString(16).toUpperCase()}`;
    return row(one.name, `${code}h${action}`, ...allowed[one.access]);
  })
  .join('\n')}

PERSISTENT RESERVE OUT has rules of its own for each service action; START STOP UNIT conflicts unless it is a plain start.
`;
};

export const documents = { 'docs/target.md': page };
