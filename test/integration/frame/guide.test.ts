import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../../support/built-cli.ts';
import { removeFolder } from '../../support/remove-folder.ts';

/** `quorate guide` as it is built: what it reads was made of docs/ with the bundles. */
describe('the guide on the command line', () => {
  const data = mkdtempSync(join(tmpdir(), 'quorate-guide-'));
  afterAll(() => removeFolder(data));
  const guide = (...args: string[]) => runCli(['guide', ...args], { data });

  it('lists its topics, prints one and a section of it, and finds words', async () => {
    const topics = await guide('--json');
    expect(topics.code).toBe(0);
    expect((JSON.parse(topics.out) as { topics: { id: string }[] }).topics.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['start', 'procedure', 'cli', 'errors']),
    );
    const procedure = await guide('procedure');
    expect(procedure.out).toContain('Where did that step go?\n===');
    for (const line of procedure.out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    const section = await guide('start#the-first-five-minutes', '--json');
    expect((JSON.parse(section.out) as { sections: unknown[] }).sections).toHaveLength(1);
    const found = await guide('--search', 'CLUSTER_WITNESS_REFUSED');
    expect(found.out.split('\n', 1)[0]).toBe('errors#cluster_witness_refused');
  });

  it('says what there is when it is asked for something else', async () => {
    const unknown = await guide('xyz');
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain('The guide has no "xyz". Its topics: start, procedure,');
    const nothing = await guide('--search', 'zebrafish');
    expect([nothing.code, nothing.out]).toEqual([1, '']);
    expect(nothing.err).toContain('Nothing found for "zebrafish".');
    expect((await guide('cli', '--search', 'nic')).code).toBe(2);
  });
});
