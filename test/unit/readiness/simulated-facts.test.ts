import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { portMethods } from '../../../main/rehearsal/world/ports/index.ts';
import type { SimulatedFacts } from '../../../main/rehearsal/world/ports/facts.ts';
import { World } from '../../../main/rehearsal/world/world.ts';
import { classesOfCollected } from '../../../shared/model/collected.ts';
import { valueOf } from '../../../shared/model/fact.ts';
import { restartSigns } from '../../../shared/model/restart-signs.ts';
import { factsFromWmi, registryClass } from '../../../shared/model/wmi-facts.ts';
import { judgeReadiness } from '../../../shared/rules/judge.ts';

const folder = mkdtempSync(join(tmpdir(), 'quorate-facts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const world = new World({ folder, scenario: 'two-node-lab', seed: 7, clock: 'driven' });

const readClasses = (): SimulatedFacts => {
  const read = world.read(
    { who: 'test', server: 'NODE1', what: 'facts.read', input: {} },
    (state, server, used) =>
      portMethods
        .get('facts.read')!
        .run({ world: state, server, used, nowMs: 0 } as never, {} as never) as SimulatedFacts,
  );
  if (read.kind !== 'done') throw new Error(`the world answered ${read.kind}`);
  return read.value;
};

const readFacts = (classes: SimulatedFacts) =>
  factsFromWmi(classesOfCollected(classes, 'the rehearsal'), {
    collectedAt: '2026-01-01T00:00:00.000Z',
    collectedBy: { tool: 'quorate', version: '1.0.0' },
    source: { kind: 'rehearsal', names: ['NODE1'] },
    notes: [],
  });

/** Class -> the properties that the script asks for. */
const askedByScript = (): Map<string, string[]> => {
  const script = readFileSync(join(import.meta.dirname, '../../../main/powershell/scripts/Get-HostFact.ps1'), 'utf8');
  const classes = [...script.matchAll(/class = '(\w+)'.*properties = @\(([^)]*)\)/g)];
  const values = [...script.matchAll(/\$values\['(\w+)'\]/g)].map(([, name]) => name!);
  return new Map([
    ...classes.map(([, name, list]): [string, string[]] => [
      name!,
      [...list!.matchAll(/'(\w+)'/g)].map(([, one]) => one!),
    ]),
    [registryClass, values],
  ]);
};

describe('the facts of a simulated server', () => {
  it('are classes and properties that the script asks Windows for, and no others', () => {
    const asked = askedByScript();
    expect(asked.size).toBeGreaterThan(10);
    const { classes, errors } = readClasses();
    expect(Object.keys({ ...classes, ...errors }).sort()).toEqual([...asked.keys()].sort());
    for (const [name, instances] of Object.entries(classes))
      for (const instance of instances)
        expect(asked.get(name), name).toEqual(expect.arrayContaining(Object.keys(instance)));
  });

  it('are read as those of Windows are, so that a new server is judged the same', () => {
    const facts = readFacts(readClasses());
    const nics = valueOf(facts.nics)!;
    expect(nics).toHaveLength(6);
    for (const nic of nics) {
      expect(valueOf(nic.kind)).toBe('ethernet');
      expect(valueOf(nic.macAddress)).toMatch(/^([0-9A-F]{2}:){5}[0-9A-F]{2}$/);
    }
    expect(valueOf(facts.firmware.kind)).toBe('uefi');
    expect(facts.firmware.secureBoot.known).toBe(false);
    expect(valueOf(facts.os.pendingReboot)).toEqual([]);
    const failed = judgeReadiness(facts).checks.filter(({ outcome }) => outcome === 'fail' || outcome === 'unknown');
    expect(failed).toEqual([]);
  });
});

describe('what waits for a restart', () => {
  const read = (texts: readonly string[]) => {
    const classes = readClasses();
    const [registry] = classes.classes[registryClass]!;
    return valueOf(
      readFacts({
        ...classes,
        classes: { ...classes.classes, [registryClass]: [{ ...registry, PendingReboot: [...texts] }] },
      }).os.pendingReboot,
    );
  };

  it('has one name for each sign, whoever read it', () => {
    expect(read(restartSigns)).toEqual(restartSigns);
  });

  it('is understood as collectors wrote it before, and kept where it is not', () => {
    expect(
      read(['component servicing', 'Windows Update', 'computer name', 'domain join', 'file renames', 'else']),
    ).toEqual(['componentServicing', 'windowsUpdate', 'computerRename', 'domainJoin', 'fileRename', 'else']);
  });

  it('is said in words', () => {
    const classes = readClasses();
    const [registry] = classes.classes[registryClass]!;
    const facts = readFacts({
      ...classes,
      classes: { ...classes.classes, [registryClass]: [{ ...registry, PendingReboot: ['domainJoin', 'else'] }] },
    });
    const check = judgeReadiness(facts).checks.find(({ id }) => id === 'os.pendingReboot');
    expect(check?.observed).toBe('Waiting for a restart: Domain membership, else.');
  });
});
