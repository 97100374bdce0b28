import { describe, expect, it } from 'vitest';
import { IscsiError, parseIscsiName, type IscsiErrorCode } from '../../../main/iscsi/index.ts';
import { toIscsiFailure, withIscsiFailures } from '../../../main/operations/qualification/iscsi-failure.ts';
import { cancelled } from '../../../shared/errors/failure.ts';

const ownName = 'iqn.1991-05.com.microsoft:node1.example';
const server = { addresses: () => [], ownName: () => Promise.resolve(ownName) };
const signal = new AbortController().signal;
const portal = '10.0.0.5:3260';
const target = 'iqn.2026-01.example:array';
const chap = { user: 'node1', secret: 'secret-of-node-1' };

const explain = (error: IscsiError, input: Parameters<typeof toIscsiFailure>[1]['input'] = {}) =>
  toIscsiFailure(error, { input, server, signal });

const refused = (code: IscsiErrorCode): IscsiError => new IscsiError(code, { phase: 'login', portal, target });

describe('a login that was refused for who we are', () => {
  it.each(['LOGIN_NOT_AUTHORIZED', 'LOGIN_TARGET_NOT_FOUND', 'LOGIN_AUTHENTICATION_FAILED'] as const)(
    '%s names the initiator: what the administrator of the target types',
    async (code) => {
      expect((await explain(refused(code))).next).toContain(ownName);
      const given = 'iqn.2026-01.example:given';
      expect((await explain(refused(code), { initiator: given, chap })).next).toContain(given);
    },
  );

  it('says apart that CHAP is missing, wrong, and not wanted', async () => {
    const missing = await explain(refused('LOGIN_AUTHENTICATION_FAILED'));
    const wrong = await explain(refused('LOGIN_AUTHENTICATION_FAILED'), { chap });
    const needless = await explain(refused('LOGIN_AUTHENTICATION_MISSING'), { chap });
    expect([missing.code, wrong.code, needless.code]).toEqual([
      'ISCSI_LOGIN_CHAP_NEEDED',
      'ISCSI_LOGIN_AUTHENTICATION_FAILED',
      'ISCSI_LOGIN_AUTHENTICATION_MISSING',
    ]);
    expect(missing.message).toContain('none was given');
    expect(wrong.message).toContain('"node1"');
    expect(needless.next).toMatch(/^Leave CHAP out/);
    for (const one of [missing, wrong, needless]) {
      expect(one.message).toContain(target);
      expect(one.message).toContain(portal);
      expect(JSON.stringify(one.detail)).not.toContain(chap.secret);
    }
  });
});

describe('a name that is none', () => {
  const errorOf = (name: string): IscsiError => {
    try {
      parseIscsiName(name);
    } catch (error) {
      if (error instanceof IscsiError) return error;
    }
    throw new Error(`${name} was taken`);
  };

  it.each([
    ['initiator', 'The initiator’s name'],
    ['target', 'The target’s name'],
    ['secondInitiator', 'The second initiator’s name'],
  ])('is called by what it is: %s', async (field, words) => {
    const failure = await explain(errorOf('disk'), { [field]: 'disk' });
    expect(failure.code).toBe('ISCSI_NAME_MALFORMED');
    expect(failure.message).toMatch(new RegExp(`^${words} "disk" is not valid`));
  });

  it('is told its length where that is what is wrong, not its form', async () => {
    const long = `iqn.2026-01.example:${'a'.repeat(204)}`;
    const failure = await explain(errorOf(long), { clusterInitiators: [long] });
    expect(failure.code).toBe('ISCSI_NAME_TOO_LONG');
    expect(failure.message).toMatch(/^The name of the cluster’s node.*224 bytes/);
    expect(failure.next).toContain('223 bytes');
  });
});

describe('a connection that did not come about', () => {
  const unreachable = (reason: string): IscsiError =>
    new IscsiError('PORTAL_UNREACHABLE', { phase: 'connect', portal, detail: { reason } });
  const unusable = (sourceAddress: string, reason: string, at = portal): IscsiError =>
    new IscsiError('SOURCE_ADDRESS_UNUSABLE', { phase: 'connect', portal: at, detail: { sourceAddress, reason } });

  it.each([
    ['EHOSTUNREACH', 'no machine of that address answers'],
    ['ENETUNREACH', 'no route'],
  ])('%s is said in words, with the address that was used', async (code, words) => {
    const { message } = await explain(unreachable(code), { sourceIp: '10.0.0.1' });
    expect(message).toContain(words);
    expect(message).toContain('from 10.0.0.1');
  });

  it('from an address that no NIC has', async () => {
    const { message } = await explain(unusable('10.0.0.9', 'EADDRNOTAVAIL'), { sourceIp: '10.0.0.9' });
    expect(message).toContain('no network adapter of this server has that address');
    expect(message.match(/10\.0\.0\.9/g)).toHaveLength(1);
  });

  it.each([
    ['10.0.0.1', '[fd00::5]:3260', 'it is IPv4 and the portal is IPv6'],
    ['fd00::1', portal, 'it is IPv6 and the portal is IPv4'],
  ])('from %s to %s, the other family', async (sourceIp, at, words) => {
    const { message } = await explain(unusable(sourceIp, 'EINVAL', at), { sourceIp });
    expect(message).toContain(words);
    expect(message).not.toContain('EINVAL');
  });
});

describe('a cancelled conversation', () => {
  it('keeps what was said about what it left', async () => {
    const controller = new AbortController();
    const run = withIscsiFailures('The qualification', { input: {}, server, signal: controller.signal }, async () => {
      controller.abort();
      throw cancelled('The qualification', 'partial');
    });
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED', effect: 'partial' });
  });
});
