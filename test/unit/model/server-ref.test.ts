import { describe, expect, it } from 'vitest';
import {
  includesServer,
  isSameServer,
  parseServerRef,
  printServerRef,
  type ServerRef,
} from '../../../shared/model/server-ref.ts';
import { serverRefSchema } from '../../../shared/contract/server.ts';

const parse = (text: string): ServerRef => {
  const ref = parseServerRef(text);
  if (!ref) throw new Error(`${text} names no server`);
  return ref;
};

describe('which server is meant', () => {
  it.each<[string, ServerRef]>([
    ['local', { kind: 'local' }],
    ['peer:HV02', { kind: 'peer', id: 'HV02' }],
    [`peer:${'ab'.repeat(32)}`, { kind: 'peer', id: 'ab'.repeat(32) }],
    ['rehearsal:lab', { kind: 'rehearsal', world: 'lab', server: null }],
    ['rehearsal:two-node-lab/NODE2', { kind: 'rehearsal', world: 'two-node-lab', server: 'NODE2' }],
  ])('%s is read and printed the same', (text, ref) => {
    expect(parseServerRef(text)).toEqual(ref);
    expect(printServerRef(ref)).toBe(text);
  });

  it.each([
    '',
    'Local',
    'lab',
    'peer:',
    'peer:a b',
    `peer:${'a'.repeat(65)}`,
    'rehearsal:',
    'rehearsal:Lab',
    'rehearsal:-lab',
    'rehearsal:../elsewhere',
    'rehearsal:lab/',
    'rehearsal:lab/NODE1/more',
    'rehearsal:lab/SIXTEEN-LETTERS-',
    ' rehearsal:lab',
    'rehearsal:lab\n',
  ])('%j names none', (text) => {
    expect(parseServerRef(text)).toBeNull();
  });

  it('is this server where nobody says it, and an unknown form is told with the known ones', () => {
    expect(serverRefSchema.parse(undefined)).toEqual({ kind: 'local' });
    expect(serverRefSchema.parse('rehearsal:lab/NODE2')).toEqual({ kind: 'rehearsal', world: 'lab', server: 'NODE2' });
    const { error } = serverRefSchema.safeParse('lab');
    expect(error?.issues[0]?.message).toContain('rehearsal:NAME/SERVER');
  });

  it('does not hang on the case of a computer name', () => {
    expect(isSameServer(parse('rehearsal:lab/NODE1'), parse('rehearsal:lab/node1'))).toBe(true);
    expect(isSameServer(parse('rehearsal:lab/NODE1'), parse('rehearsal:lab/NODE2'))).toBe(false);
    expect(isSameServer(parse('local'), parse('peer:HV01'))).toBe(false);
  });

  it('a world without a server means all of its servers, and no other world', () => {
    expect(includesServer(parse('rehearsal:lab'), parse('rehearsal:lab/NODE2'))).toBe(true);
    expect(includesServer(parse('rehearsal:lab'), parse('rehearsal:lab2/NODE2'))).toBe(false);
    expect(includesServer(parse('rehearsal:lab/NODE1'), parse('rehearsal:lab/NODE2'))).toBe(false);
    expect(includesServer(parse('local'), parse('local'))).toBe(true);
  });
});
