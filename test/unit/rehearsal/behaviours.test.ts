import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inferred } from '../../../main/rehearsal/world/behaviour.ts';
import { refusedChanges } from '../../../main/rehearsal/world/behaviours/cluster-refusals.ts';
import { behaviours } from '../../../main/rehearsal/world/behaviours/index.ts';
import { allBehaviours, cmdletBehaviours } from '../../powershell/world/behaviours.ts';
import { cmdlets } from '../../powershell/world/index.ts';
import { clusterRefusalNames } from '../../../shared/model/cluster-refusals.ts';
import { messages } from '../../../shared/messages/index.ts';

const folderOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const rows = Object.entries(allBehaviours);

const sources = (folder: string): string =>
  readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === 'behaviours' ? '' : sources(path);
      return entry.name === 'behaviours.ts' ? '' : readFileSync(path, 'utf8');
    })
    .join('\n');

describe('the table of modelled behaviours', () => {
  it.each(rows)('%s names the public address where it was read, or says that it is inferred', (_id, row) => {
    expect(row.source === inferred || /^https:\/\/[a-z.]+\/\S+$/.test(row.source)).toBe(true);
    expect(row.what).toMatch(/^\S.*\.$/);
    expect(row.at.length).toBeGreaterThan(0);
  });

  it.each(rows.filter(([, row]) => row.kind === 'refusal'))('%s has the failure of the port', (id, row) => {
    expect(row.failure! in messages).toBe(true);
    // Time sources are set through the registry, which refuses nothing: the port's own rule.
    if (id !== 'host.time.noDomain') expect(row.error!.id).not.toBe('');
  });

  // What the code that models a row does not pass on by its id it names in a comment.
  const named = (text: string, id: string): boolean => text.includes(`'${id}'`) || text.includes(`\`${id}\``);

  it('has no row of the world that only the tests use, or nothing', () => {
    const ships = sources(folderOf('../../../main/rehearsal/world'));
    // The refusals of one fault are passed on by their names: every change that one is of has to ask for it.
    const planted = new Set<string>(clusterRefusalNames.map((name) => `cluster.refuses.${name}`));
    expect(Object.keys(behaviours).filter((id) => !planted.has(id) && !named(ships, id))).toEqual([]);
    expect(ships).toContain('`cluster.refuses.${planted.refusal}`');
    const asks = new Set(
      [...ships.matchAll(/refuseAsPlanted\(\s*change,\s*'([a-zA-Z.]+)'/g)].map(([, change]) => change),
    );
    const wanted = clusterRefusalNames.flatMap((name) => refusedChanges(name));
    expect(wanted.filter((change) => !asks.has(change))).toEqual([]);
  });

  it('has no row of the cmdlets that nothing uses, and none that ships as well', () => {
    const tests = sources(folderOf('../../powershell/world'));
    expect(Object.keys(cmdletBehaviours).filter((id) => !named(tests, id) || id in behaviours)).toEqual([]);
  });

  it('is not recognised by messages: ids with the same command differ in id, code or cause', () => {
    const seen = new Map<string, string>();
    for (const [id, { error, failure, at }] of rows) {
      if (!error || failure === 'WINDOWS_REFUSED') continue;
      for (const cmdlet of at) {
        const key = `${cmdlet}|${error.id}|${error.win32 ?? ''}|${error.hresult ?? ''}`;
        const other = seen.get(key);
        if (other !== undefined && other !== failure) {
          // Win32 87 and "not found" are all that Windows says of several things: scripts read first to tell them apart.
          expect(error.id).toMatch(/^(Windows System Error 87|CmdletizationQuery_NotFound|StorageWMI (5|40001))/);
        }
        seen.set(key, failure ?? id);
      }
    }
  });
});

describe('the modelled cmdlets', () => {
  it('refuse a parameter that the model does not know', () => {
    for (const cmdlet of cmdlets.values()) {
      expect(() => cmdlet.parameters({ NoSuchParameter: 1 })).toThrow(/Not modelled/);
    }
  });
});
