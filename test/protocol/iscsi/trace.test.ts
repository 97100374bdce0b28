import { afterEach, expect, test } from 'vitest';
import { lunFromNumber, scsi } from '../../../main/iscsi/index.ts';
import { openAt, startFakeTarget } from '../../support/iscsi-conversations.ts';

const before = process.env['QUORATE_TRACE'];
afterEach(() => {
  if (before === undefined) delete process.env['QUORATE_TRACE'];
  else process.env['QUORATE_TRACE'] = before;
});

const chap = { name: 'the-user-name', secret: 'the secret of node1' };
const mutual = { name: 'the-target-name', secret: 'the secret of fake' };

const talk = async (topics: string): Promise<string[]> => {
  process.env['QUORATE_TRACE'] = topics;
  const lines: string[] = [];
  const target = await startFakeTarget({ chap: { ...chap, mutual }, wishes: { ImmediateData: 'No' } });
  const session = await openAt(target, { chap: { ...chap, mutual }, trace: (line) => lines.push(line) });
  const lun = lunFromNumber(0);
  await scsi.write(session, lun, 0n, Buffer.alloc(512, 0x77), 512);
  await scsi.read(session, lun, { firstBlock: 0n, blocks: 1 }, 512);
  await session.logout();
  expect(lines.every((line) => line.startsWith(`${target.portal} `))).toBe(true);
  return lines.map((line) => line.slice(target.portal.length + 1));
};

test('a whole session, decoded and without secrets or data', async () => {
  const lines = await talk('pdu,text,scsi');
  const all = lines.join('\n');
  for (const word of [
    '-> Login Request',
    '<- Login Response',
    '-> text InitiatorName=',
    'CHAP_R=(hidden)',
    '-> SCSI Command final=true write=true',
    '<- Ready To Transfer',
    '-> SCSI Data-Out final=true',
    '<- SCSI Data-In final=true hasStatus=true',
    'LUN 0 WRITE (10) transferLength=1',
    'LUN 0 READ (10): GOOD 512 bytes',
    '-> Logout Request',
  ]) {
    expect(all).toContain(word);
  }
  expect(all).toMatch(/-> SCSI Data-Out final=true .*data=512 bytes/);
  for (const secret of [chap.secret, chap.name, mutual.secret, mutual.name, '7777']) expect(all).not.toContain(secret);
  // Challenges and responses are long hexadecimal numbers; nothing of that kind is there.
  expect(all).not.toMatch(/0x[0-9a-f]{16}/);
});

test('only what was asked for, and nothing when nothing was', async () => {
  expect((await talk('scsi')).every((line) => line.startsWith('LUN 0 '))).toBe(true);
  expect(await talk('')).toEqual([]);
});
