import { createHash, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { proveFile, type Proofs } from '../../../main/operations/update/prove-file.ts';
import { makePublisher } from '../../support/publisher.ts';

const name = 'quorate-core-2.0.0-win-x64.zip';
const found = createHash('sha256').update('the file').digest('hex');
const other = 'f'.repeat(64);
let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'quorate-proof-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const put = (file: string, content: string | Buffer): string => {
  writeFileSync(join(folder, file), content);
  return join(folder, file);
};
const prove = (proofs: Proofs = {}): string[] => proveFile(join(folder, name), found, proofs);
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'nothing was thrown';
};

describe('the digest of a file', () => {
  it('has to be known from somewhere', () => {
    expect(codeOf(() => prove())).toBe('UPDATE_DIGEST_MISSING');
    put('SHA256SUMS', `${found}  another-file.zip\n`);
    expect(codeOf(() => prove())).toBe('UPDATE_DIGEST_MISSING');
    // A list that was named has to have it, whatever else was given.
    expect(codeOf(() => prove({ sha256: found, sums: join(folder, 'SHA256SUMS') }))).toBe('UPDATE_DIGEST_MISSING');
    expect(codeOf(() => prove({ sums: join(folder, 'none') }))).toBe('FILE_NOT_FOUND');
  });

  it.each([
    ['as sha256sum writes it', `${other}  a.zip\n${found}  ${name}\n`],
    ['as it writes it of binary files, with ends of line of Windows', `${found.toUpperCase()} *${name}\r\n`],
  ])('is taken from a list beside it, %s', (_how, list) => {
    put('SHA256SUMS', list);
    expect(prove()).toEqual([expect.stringContaining('the digest of'), expect.stringContaining('no certificate')]);
  });

  it('that is another one refuses the file, from a list or as it was given', () => {
    put('SHA256SUMS', `${other}  ${name}\n`);
    expect(codeOf(() => prove())).toBe('UPDATE_DIGEST_WRONG');
    expect(codeOf(() => prove({ sha256: found }))).toBe('UPDATE_DIGEST_WRONG');
    rmSync(join(folder, 'SHA256SUMS'));
    expect(codeOf(() => prove({ sha256: other }))).toBe('UPDATE_DIGEST_WRONG');
    expect(prove({ sha256: found.toUpperCase() })).toEqual(['it has the digest that was given']);
  });
});

describe('the signature of the list', () => {
  const list = `${found}  ${name}\n`;
  const sign = (key: string | KeyObject): void => {
    put('SHA256SUMS', list);
    put('SHA256SUMS.sig', createSign('sha256').update(list).sign(key));
  };

  it('holds against the certificate of its key', async () => {
    const { certificate: pem, key } = await makePublisher();
    sign(key);
    const certificate = put('publisher.pem', pem);
    expect(prove({ certificate })).toEqual([
      expect.stringContaining('the digest of'),
      expect.stringMatching(/SHA256SUMS is signed by .*CN=Publisher/),
    ]);
  });

  it.each<[string, () => Promise<string>, RegExp]>([
    [
      'another certificate',
      async () => {
        sign((await makePublisher()).key);
        return (await makePublisher()).certificate;
      },
      /not made by the key/,
    ],
    [
      'a list that was changed',
      async () => {
        const { certificate: pem, key } = await makePublisher();
        sign(key);
        put('SHA256SUMS', `${list}${other}  more.zip\n`);
        return pem;
      },
      /not made by the key/,
    ],
    [
      'a certificate that has ended',
      async () => {
        const { certificate: pem, key } = await makePublisher([-3, -2]);
        sign(key);
        return pem;
      },
      /ended on/,
    ],
    [
      'a certificate that is not valid yet',
      async () => {
        const { certificate: pem, key } = await makePublisher([2, 3]);
        sign(key);
        return pem;
      },
      /valid from/,
    ],
    [
      'a certificate that is none',
      async () => {
        sign(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
        return 'nothing';
      },
      /is not a certificate/,
    ],
  ])('does not hold with %s', async (_what, make, words) => {
    const certificate = put('publisher.pem', await make());
    expect(() => prove({ certificate })).toThrow(words);
    expect(codeOf(() => prove({ certificate }))).toBe('UPDATE_SIGNATURE_WRONG');
  });

  it('has to be there once a certificate is given', async () => {
    const { certificate: pem } = await makePublisher();
    put('SHA256SUMS', list);
    expect(codeOf(() => prove({ certificate: put('publisher.pem', pem) }))).toBe('FILE_NOT_FOUND');
  });
});
