import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { failure } from '../../../shared/errors/failure.ts';
import { fillText, type MessageRow } from '../../../shared/messages/define.ts';
import { messages } from '../../../shared/messages/index.ts';
import { shellCommand } from '../../../shared/messages/shell-command.ts';

const echo = (path: string, platform: NodeJS.Platform): string =>
  shellCommand(['quorate', 'form', 'plan', '--file', path], platform);

it('leaves alone what every shell takes for one word', () => {
  expect(echo('cluster.json', 'linux')).toBe('"quorate form plan --file cluster.json"');
  expect(echo('C:\\Clusters\\cluster.json', 'win32')).toBe('"quorate form plan --file C:\\Clusters\\cluster.json"');
});

it('quotes a path with blanks as the shell of the machine takes it', () => {
  expect(echo('C:\\My clusters\\one.json', 'win32')).toBe(`'quorate form plan --file "C:\\My clusters\\one.json"'`);
  expect(echo('/my clusters/one.json', 'linux')).toBe(`"quorate form plan --file '/my clusters/one.json'"`);
});

it.each(['C:\\a,b.json', '@one.json', 'C:\\a=b.json'])('quotes what cmd or PowerShell would take apart: %s', (path) => {
  expect(echo(path, 'win32')).toBe(`'quorate form plan --file "${path}"'`);
});

it.skipIf(process.platform === 'win32').each(['/my clusters/one.json', "/it's $HOME/`x`", 'a&b;c*.json', 'C:\\x'])(
  'is one word to a real shell: %s',
  (path) => {
    const command = shellCommand(['printf', '%s|', path], 'linux').slice(1, -1);
    expect(execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' })).toBe(`${path}|`);
  },
);

describe('names in the commands of sentences', () => {
  const show = (name: string): string => shellCommand(['quorate', 'vm', 'check', name], 'win32');

  it.each([
    ['VM1', '"quorate vm check VM1"'],
    ['iSCSI A', `'quorate vm check "iSCSI A"'`],
    ["Ann's VM", `“quorate vm check "Ann's VM"”`],
    ['C:\\My data\\', String.raw`'quorate vm check "C:\My data\\"'`],
  ])('are one word to cmd and to PowerShell: %s', (name, said) => {
    expect(show(name)).toBe(said);
  });

  it.each([
    ['a "b"', String.raw`'quorate vm check "a \"b\""' in cmd, or “quorate vm check 'a \"b\"'” in PowerShell`],
    ['$x', `'quorate vm check "$x"' in cmd, or "quorate vm check '$x'" in PowerShell`],
    ['A “B”', `'quorate vm check "A “B”"' in cmd, or "quorate vm check 'A “B”'" in PowerShell`],
    ['A %TEMP% B', `"quorate vm check 'A %TEMP% B'" in PowerShell`],
    ['Bob’s $1', `'quorate vm check "Bob’s $1"' in cmd, or "quorate vm check 'Bob’’s $1'" in PowerShell`],
    ["it's `x`", `“quorate vm check "it's \`x\`"” in cmd, or "quorate vm check 'it''s \`x\`'" in PowerShell`],
  ])('have a form for each shell where they read it differently: %s', (name, said) => {
    expect(show(name)).toBe(said);
  });

  it('are quoted in every message that puts one into a command', () => {
    const name = 'iSCSI A';
    const filled = Object.values<MessageRow>(messages).flatMap(({ what, next }) =>
      [what, next].flatMap((text) => {
        if (!/"quorate [^"]*\{/.test(text)) return [];
        const names = [...text.matchAll(/\{(\w+)\}/g)].map(([, one = '']) => one);
        return [fillText(text, Object.fromEntries(names.map((one) => [one, name])))];
      }),
    );
    expect(filled.length).toBeGreaterThan(8);
    for (const text of filled) expect(text).toMatch(/quorate [a-z -]+ (?:'iSCSI A'|"iSCSI A")/);
  });

  it('leaves a sentence alone whose name was not given, and words outside of commands', () => {
    expect(fillText('"{nic}" is off: "quorate nic show {nic}".', { nic: 'LAN' })).toBe(
      '"LAN" is off: "quorate nic show LAN".',
    );
    expect(fillText('Run "quorate nic show {nic}".', {})).toBe('Run "quorate nic show {nic}".');
  });
});

it.skipIf(process.platform === 'win32')('a name in a message is one word to a real shell', () => {
  const { next } = failure('VM_NO_ROLE', { name: "it's a $VM" });
  const [, command = ''] = /"(quorate .*)"/.exec(next) ?? [];
  const words = execFileSync('/bin/sh', ['-c', command.replace('quorate', `printf '%s|'`)], { encoding: 'utf8' });
  expect(words).toBe("vm|make-highly-available|it's a $VM|");
});
