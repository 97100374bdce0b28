import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { shellCommand } from '../../../main/system/shell-command.ts';

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
