import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineMissing, startEngine, type Engine } from '../../support/engine.ts';
import { Secret } from '../../../main/ports/secret.ts';

describe.skipIf(engineMissing)('runner', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine({ sources: [join(import.meta.dirname, 'fixtures')] });
  });
  afterAll(() => engine.close());

  it('gives values of every kind back as they went in', async () => {
    const texts = ['', 'plain', 'quote " backslash \\ tab \t', 'äöü ß', '日本語', '\u2028\u2029', '😀𝔘\u{10ffff}', '\ud800 alone', '\0\u001f\u007f'];
    for (const text of texts) {
      const answer = await engine.runner.run('Get-Echo', { value: text });
      expect(answer.ok && answer.data).toMatchObject({ value: text });
    }
    const every = await engine.runner.run('Get-EveryType', {});
    expect(every.ok && every.data).toEqual({});
  });
  it('takes secrets', async () => {
    const answer = await engine.runner.run('Get-Echo', { secret: new Secret('geheim-ü'), credential: {userName: 'a\\b', password: new Secret('12345')}, size: 18446744073709551615n });
    expect(answer.ok && answer.data).toMatchObject({ secretLength: 8, credential: 'a\\b:5', size: '18446744073709551615' });
  });
  it('chatter', async () => {
    const answer = await engine.runner.run('Get-Chatter', {});
    expect(answer).toEqual({});
  });
});
