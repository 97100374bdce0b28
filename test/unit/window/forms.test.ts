import { describe, expect, test } from 'vitest';
import { serverText } from '../../../renderer/app/activities-area.tsx';
import { draftProblems } from '../../../renderer/features/formation/begin-part.tsx';
import { problemsOf as nicProblems, type NicForm } from '../../../renderer/features/network/nic-change.ts';
import { accessProblems, namesProblem, portalProblem } from '../../../renderer/features/qualification/problems.ts';
import { problemsOf as faultProblems, removalText, stateWords } from '../../../renderer/features/rehearsal/faults.ts';
import { sourceProblem } from '../../../renderer/features/roles/features-form.tsx';
import { problemsOf as serverProblems, restartProblems } from '../../../renderer/features/server/server-forms.tsx';
import { portalCaution } from '../../../renderer/features/storage/connect.ts';
import { chapProblems, noChap } from '../../../renderer/features/storage/logon-change.ts';
import { checkProblems } from '../../../renderer/features/validation/check-part.tsx';
import { findRehearsalNameProblem } from '../../../shared/model/server-ref.ts';
import { faultFields, faultKinds } from '../../../shared/model/rehearsal-faults.ts';

/** Only what is wrong, by its field. */
const wrong = (problems: Readonly<Record<string, string | null>>): Record<string, string> =>
  Object.fromEntries(Object.entries(problems).flatMap(([field, text]) => (text === null ? [] : [[field, text]])));

describe('one port', () => {
  const form: NicForm = {
    ...{ role: '', applyRole: true, name: 'Ethernet', addressing: 'static', addresses: '10.0.0.11/24' },
    ...{ gateway: '', dnsServers: '', jumboPacketBytes: '' },
  };
  test.each([
    [{}, null, ''],
    [{ gateway: '10.0.0.1', dnsServers: '10.0.0.2, fd00::2' }, null, ''],
    [{ addressing: 'dhcp', addresses: 'x', gateway: 'y', dnsServers: 'z' }, null, ''],
    [{ name: ' ' }, 'name', 'Type a name'],
    [{ addresses: '' }, 'addresses', 'Type at least one address'],
    [{ addresses: '10.0.0.11' }, 'addresses', 'prefix length'],
    [{ addresses: '10.0.0.255/24' }, 'addresses', '10.0.0.255/24'],
    [{ gateway: 'router' }, 'gateway', 'router: not an IP address.'],
    [{ gateway: '10.0.1.1' }, 'gateway', 'lies outside the network 10.0.0.0/24'],
    [{ addresses: '10.0.0.11/24 10.0.1.11/24', gateway: '10.0.1.1' }, null, ''],
    [{ dnsServers: '10.0.0.2, dns1' }, 'dnsServers', 'dns1: not an IP address.'],
  ] as const)('%o', (part, field, text) => {
    const found = wrong(nicProblems({ ...form, ...part }));
    expect(Object.keys(found)).toEqual(field === null ? [] : [field]);
    if (field !== null) expect(found[field]).toContain(text);
  });
});

describe('the server', () => {
  const values = { name: 'NODE1', belongs: 'keep', group: '', ou: '', user: '', time: 'keep', servers: '' } as const;
  const domain = { ...values, belongs: 'domain', group: 'contoso.example', user: 'CONTOSO\\admin' } as const;
  test.each([
    [values, '', []],
    [domain, 'secret', []],
    [{ ...domain, user: 'admin@contoso.example', ou: 'OU=Nodes,OU=A\\, B,DC=contoso,DC=example' }, 'secret', []],
    [domain, '', ['password']],
    [{ ...domain, user: '' }, '', ['user']],
    [{ ...domain, user: 'admin' }, 'secret', ['user']],
    [{ ...domain, ou: 'Nodes' }, 'secret', ['ou']],
    [{ ...domain, group: 'contoso' }, 'secret', ['group']],
    [{ ...values, time: 'servers', servers: 'ntp.example 10.0.0.1 fd00::1' }, '', []],
    [{ ...values, time: 'servers', servers: '' }, '', ['servers']],
    [{ ...values, time: 'servers', servers: 'ntp_1' }, '', ['servers']],
  ] as const)('%o', (form, password, fields) => {
    expect(Object.keys(wrong(serverProblems(form, password)))).toEqual(fields);
  });

  test('what goes on after a restart needs its account, and a task at startup its password', () => {
    expect(wrong(restartProblems('none', '', ''))).toEqual({});
    expect(Object.keys(wrong(restartProblems('logon', 'admin', '')))).toEqual(['account']);
    expect(wrong(restartProblems('logon', 'NODE1\\admin', ''))).toEqual({});
    expect(Object.keys(wrong(restartProblems('startup', 'NODE1\\admin', '')))).toEqual(['password']);
  });
});

test('CHAP of Windows: a user, 12 to 16 bytes, another secret for the other direction; no message holds a secret', () => {
  const secret = 'sixteen-bytes-xx';
  expect(wrong(chapProblems(noChap))).toEqual({});
  expect(wrong(chapProblems({ ...noChap, kind: 'oneWayChap', userName: 'node1', secret }))).toEqual({});
  const short = wrong(chapProblems({ kind: 'mutualChap', userName: '', secret: 'brief', mutualSecret: secret }));
  expect(Object.keys(short)).toEqual(['userName', 'secret']);
  expect(short['secret']).toBe('This secret has 5 bytes; Windows takes 12 to 16.');
  const same = wrong(chapProblems({ kind: 'mutualChap', userName: 'node1', secret, mutualSecret: secret }));
  expect(Object.keys(same)).toEqual(['mutualSecret']);
  expect(JSON.stringify([short, same])).not.toContain(secret);
});

test('a rehearsal says whether it runs and what is wrong in it on purpose, not by which name its world was made', () => {
  expect(stateWords({ running: null })).toBe('Stopped, starts when opened');
  expect(stateWords({ running: { faults: [] } })).toBe('Running');
  expect(stateWords({ running: { faults: [1] } })).toBe('Running, one fault is on');
  expect(stateWords({ running: { faults: [1, 2] } })).toBe('Running, 2 faults are on');
});

test('a portal outside the network of its port is said at its field, while it can be an address', () => {
  expect(portalCaution('198.51.100.10:3260', '198.51.100.0/24')).toBeNull();
  expect(portalCaution('198.51.101.10', '198.51.100.0/24')).toContain('Outside 198.51.100.0/24');
  expect(portalCaution('fd00::10', '198.51.100.0/24')).toContain('IPv4 cannot reach IPv6');
  for (const [text, network] of [
    ['198.51.', '198.51.100.0/24'],
    ['', '198.51.100.0/24'],
    ['10.0.0.1', null],
  ] as const)
    expect(portalCaution(text, network)).toBeNull();
});

test('the way to a storage: a half of CHAP is said at the half that is missing', () => {
  const access = { portal: '10.0.1.50', sourceIp: '', initiator: '', chapUser: '', chapSecret: '' };
  const whole = { ...access, mutualUser: '', mutualSecret: '' };
  expect(wrong(accessProblems(whole))).toEqual({});
  expect(Object.keys(wrong(accessProblems({ ...whole, portal: ' ' })))).toEqual(['portal']);
  expect(Object.keys(wrong(accessProblems({ ...whole, portal: '10.0.1.50:70000' })))).toEqual(['portal']);
  expect(Object.keys(wrong(accessProblems({ ...whole, chapSecret: 'x' })))).toEqual(['chapUser']);
  expect(Object.keys(wrong(accessProblems({ ...whole, chapUser: 'x' })))).toEqual(['chapSecret']);
  const mutual = { ...whole, chapUser: 'a', chapSecret: 'same', mutualUser: 'b', mutualSecret: 'same' };
  expect(Object.keys(wrong(accessProblems(mutual)))).toEqual(['mutualSecret']);
  expect(wrong(accessProblems({ ...mutual, mutualSecret: 'other' }))).toEqual({});
  expect(portalProblem('[fd00::1]:3260')).toBeNull();
  expect(portalProblem('array1.example')).toBeNull();
  expect(portalProblem('10.0.0.1:3260:1')).toContain('is not an address');
  expect(namesProblem('')).toBeNull();
  expect(namesProblem('iqn.1991-05.com.microsoft:node2\niqn.1991-05.com.microsoft:Node3')).toContain(':Node3 ');
});

test('a draft of a cluster file, and the search for known failures', () => {
  expect(wrong(draftProblems({ portals: '', target: '', cluster: '' }))).toEqual({});
  expect(
    Object.keys(wrong(draftProblems({ portals: '10.0.1.50 nowhere:x', target: 'array1', cluster: 'A B' }))),
  ).toEqual(['portals', 'target', 'cluster']);
  const asked = { also: 'NODE2', name: 'CLU1', addresses: '10.0.0.20' };
  expect(wrong(checkProblems('rehearsal:first/NODE1', asked))).toEqual({});
  expect(Object.keys(wrong(checkProblems('local', asked)))).toEqual(['also']);
  expect(
    Object.keys(wrong(checkProblems('local', { also: 'peer:abc', name: 'A B', addresses: '10.0.0.300' }))),
  ).toEqual(['name', 'addresses']);
});

test('a rehearsal has a name that can be a folder', () => {
  for (const name of ['a', 'first-1', '0', 'x'.repeat(40)]) expect(findRehearsalNameProblem(name), name).toBeNull();
  for (const name of ['', 'First', 'a b', 'x'.repeat(41)]) expect(findRehearsalNameProblem(name), name).toContain('40');
});

test('whatever a fault is not told is said at its field in words, and nothing else', () => {
  for (const kind of faultKinds) {
    const needed = faultFields(kind).filter(({ isOptional, choices }) => !isOptional && choices === null);
    const found = faultProblems(kind, {});
    expect(Object.keys(found).toSorted(), kind).toEqual(needed.map(({ name }) => name).toSorted());
    for (const text of Object.values(found)) expect(text).toMatch(/^Type .*\.$/);
  }
  expect(faultProblems('packetLoss', { server: 'NODE1', nic: 'Ethernet', percent: '101' })).toEqual({
    percent: 'Type a whole number from 1 to 100.',
  });
  expect(faultProblems('packetLoss', { server: 'NODE1', nic: 'Ethernet', percent: 'many' })).toHaveProperty('percent');
});

test('work on another server names it, and not its reference', () => {
  expect(serverText('rehearsal:first/NODE1', null)).toBe('NODE1 of rehearsal first');
  expect(serverText('rehearsal:first/SERVER1', 'HV01')).toBe('HV01 of rehearsal first');
  expect(serverText('rehearsal:first', null)).toBe('rehearsal first');
  expect(serverText('peer:0123456789abcdef', 'HV02')).toBe('HV02');
  expect(serverText('peer:0123456789abcdef', null)).toBe('paired server 01234567');
});

test('the source of a feature is a whole path', () => {
  for (const text of ['', 'D:\\sources\\sxs', '\\\\server\\share\\sxs', 'wim:D:\\sources\\install.wim:4', ' C:\\ '])
    expect(sourceProblem(text), text).toBeNull();
  for (const text of ['sxs', 'D:', 'D:sxs', '\\\\server', '/mnt/sxs'])
    expect(sourceProblem(text), text).toContain('whole path');
});

test('a rehearsal that is to be deleted names what goes', () => {
  const servers = [{ computerName: 'NODE1' }, { computerName: 'NODE2' }];
  expect(removalText({ running: { servers } })).toMatch(
    /^The simulated servers NODE1 and NODE2, .* journals .* cannot/,
  );
  expect(removalText({ running: null })).toMatch(/^Its simulated servers, .* No real server is touched\./);
});
