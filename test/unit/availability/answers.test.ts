import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AvailabilityAnswers, clusterKey, withAnswers } from '../../../main/operations/availability/answers.ts';
import { renderAdvice, renderAvailability } from '../../../main/cli/text/availability-text.ts';
import { compile } from '../../../shared/availability/model.ts';
import { questionsOf } from '../../../shared/availability/questions.ts';
import { analyze } from '../../../shared/availability/report.ts';
import { fourAndFour, stateOf } from '../../support/availability-states.ts';

const state = {
  ...stateOf({
    ...fourAndFour(),
    nodes: fourAndFour().nodes.map((node) => ({ ...node, nics: [{ name: 'LAN', role: 'production' as const }] })),
    targets: [{ name: 'SAN1', portals: [{ address: '10.0.1.10' }] }],
  }),
  name: 'CLU1',
};
const read = { state, source: { kind: 'live' as const, names: [] } };
const rehearsed = { state, source: { kind: 'rehearsal' as const, names: [] } };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-answers-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const openSwitches = (of: typeof state): string[] =>
  questionsOf(compile(of as never)).flatMap(({ elements }) => elements ?? []);

describe('answers about switches', () => {
  it('are asked for where they decide, kept by cluster, and used in the next reading', () => {
    expect(openSwitches(state)).toEqual(['nic:HV01/LAN', 'nic:HV02/LAN']);
    const answers = new AvailabilityAnswers(folder);
    const given = ['nic:hv01/lan', 'nic:HV02/LAN'].map((element) => ({ element, switch: 'SW1' }));
    expect(answers.keep(read, given)).toBe(2);
    const after = withAnswers(state, new AvailabilityAnswers(folder).of(clusterKey(read)));
    expect(after.used).toBe(2);
    expect(openSwitches(after.state as typeof state)).toEqual([]);
    expect(compile(after.state).elements.map(({ id }) => id)).toContain('switch:SW1');
    // A rehearsal of the same name knows nothing of it.
    expect(answers.of(clusterKey(rehearsed))).toEqual({});
  });

  it('are forgotten, never override what the state says, and name what has no cable', () => {
    const answers = new AvailabilityAnswers(folder);
    answers.keep(read, [{ element: 'portal:SAN1/10.0.1.10', switch: 'SW3' }]);
    const known = { ...state, targets: [{ name: 'SAN1', portals: [{ address: '10.0.1.10', switch: 'SW9' }] }] };
    expect(withAnswers(known, answers.of(clusterKey(read)))).toMatchObject({ used: 0, state: known });
    expect(answers.keep(read, [{ element: 'portal:SAN1/10.0.1.10', switch: null }])).toBe(0);
    expect(() => answers.keep(read, [{ element: 'node:HV01', switch: 'SW1' }])).toThrow(/has no cable of its own/);
    expect(() => answers.keep(read, [{ element: 'nic:HV01/LAM', switch: 'SW1' }])).toThrow(/nic:HV01\/LAM/);
  });

  it('never take a damaged file for none', () => {
    const answers = new AvailabilityAnswers(folder);
    answers.keep(read, [{ element: 'nic:HV01/LAN', switch: 'SW1' }]);
    writeFileSync(join(folder, 'availability', 'answers.json'), '{"clu1": [');
    expect(() => answers.of('clu1')).toThrow(/answers\.json/);
  });
});

describe('a question of the analysis', () => {
  const nics = (role: 'production' | undefined) => ({ nics: [{ name: 'LAN', ...(role && { role }) }] });
  const witnessOn = (kind: 'disk' | 'share' | 'cloud') => ({ witness: { kind } });
  const states = [
    { ...state, witness: undefined },
    ...(['disk', 'share', 'cloud'] as const).map((kind) => ({ ...state, ...witnessOn(kind) })),
    { ...state, targets: [{ name: 'SAN1' }, { name: 'SAN2' }] },
    { ...state, nodes: state.nodes.map((node) => ({ ...node, ...nics(undefined) })) },
    {
      ...state,
      targets: [{ name: 'SAN1', portals: [{ address: '10.0.1.10' }, { address: '10.0.2.10' }] }],
    },
    { ...state, nodes: state.nodes.map(({ nics: _left, ...node }) => node) },
  ];
  const asked = states.flatMap((one) => questionsOf(compile(one as never)));

  it('is reached here in every kind that there is', () => {
    const source = readFileSync('shared/availability/questions.ts', 'utf8');
    const kinds = [...source.matchAll(/^ +(?:found\.push\(\{ )?id: ['`]([\w.]+)/gm)].map(([, id]) => id);
    expect(kinds.length).toBeGreaterThan(7);
    for (const kind of kinds) expect(asked.map(({ id }) => id).filter((id) => id.startsWith(kind!))).not.toEqual([]);
  });

  it('is asked in words: no path of a state file, and where a person finds the answer', () => {
    for (const { text, find, field } of asked) {
      expect(text).toMatch(/\?/);
      expect(`${text} ${find}`).not.toMatch(/\[\d*\]/);
      if (/[[.]/.test(field)) expect(`${text} ${find}`).not.toContain(field);
      // A command, a tool of Windows, or something to look at; then the field by its plain name.
      expect(find).toMatch(/quorate [a-z]+|iSCSI Initiator|Follow|Look where/);
      expect(find).toMatch(/In a state file it is "\w+"( of [\w ]+)?\.$/);
    }
  });

  it('is printed the same way by the report, the advice and the what-if, with how the file is completed', () => {
    const frame = { version: '1.0.0', at: '2026-01-01T00:00:00.000Z', source: read.source, notes: [] };
    const report = { ...analyze(states[0] as never, frame), digest: { algorithm: 'SHA-256', value: '' } } as const;
    const plain = (_style: unknown, text: string): string => text;
    for (const text of [renderAvailability(report, plain, 140), renderAdvice(report, plain, 140)]) {
      expect(text).toContain('Is there a witness');
      expect(text).toContain('"quorate cluster status" on a node');
      expect(text.replace(/\s+/g, ' ')).toContain('"quorate availability state" prints the configuration');
      expect(text).not.toMatch(/\[\d*\]|\(state file/);
    }
  });
});
