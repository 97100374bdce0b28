import { enablePatches, produceWithPatches } from 'immer';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WorldRecord } from '../../../main/rehearsal/world/record.ts';
import { buildScenario } from '../../../main/rehearsal/world/scenarios/index.ts';
import type { WorldState } from '../../../main/rehearsal/world/state.ts';

enablePatches();

const entry = (what: string) => ({
  at: '2026-01-05T08:00:00.000Z',
  who: 'test',
  server: 'NODE1',
  what,
  input: {},
  outcome: 'done',
});

describe('the record of a world', () => {
  let folder: string;
  let state: WorldState;
  let record: WorldRecord;

  const rename = (name: string): void => {
    const [next, patches] = produceWithPatches(state, (draft) => {
      draft.servers['NODE1']!.nics[0]!.name = name;
    });
    state = next;
    record.append(entry(name), patches);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-record-'));
    state = buildScenario('two-node-lab', 1, { mode: 'driven', nowMs: 0 });
    record = new WorldRecord(folder);
    record.checkpoint(state);
  });
  afterEach(() => {
    record.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const reload = (): WorldState => {
    record.close();
    record = new WorldRecord(folder);
    return record.load()!;
  };

  it('is empty in an empty folder', () => {
    const other = mkdtempSync(join(tmpdir(), 'quorate-record-'));
    expect(new WorldRecord(other).load()).toBeNull();
    rmSync(other, { recursive: true });
  });

  it('keeps no secret and no password in plain text, and still knows them', () => {
    const secrets = [
      'chap-secret-one1',
      'chap-secret-two2',
      'mutual-secret-33',
      'chap-secret-four',
      'join-password-44',
    ];
    const [next, patches] = produceWithPatches(state, (draft) => {
      const target = Object.values(draft.targets)[0]!;
      target.chap = { userName: 'host', secret: secrets[0]! };
      target.mutual = { secret: secrets[1]! };
      draft.servers['NODE1']!.initiator.mutualSecret = secrets[2]!;
    });
    const [last, more] = produceWithPatches(next, (draft) => {
      Object.values(draft.targets)[0]!.chap!.secret = secrets[3]!;
      Object.values(draft.domains)[0]!.accounts.push({ userName: 'joiner', password: secrets[4]!, mayJoin: true });
    });
    state = last;
    record.append(entry('secrets'), [...patches]);
    record.append(entry('changed alone'), [...more]);
    const files = () => readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
    const expectNone = (): void => {
      for (const text of files()) for (const secret of secrets) expect(text).not.toContain(secret);
    };
    expectNone();
    expect(statSync(join(folder, 'secrets.key')).mode & 0o777).toBe(0o600);
    // From the transactions, then from the state.
    expect(reload()).toEqual(state);
    expectNone();
    expect(reload()).toEqual(state);
    writeFileSync(join(folder, 'secrets.key'), Buffer.alloc(32));
    expect(reload).toThrow(/authenticate/);
  });

  it('writes what changed and no more', () => {
    rename('One');
    const line = readFileSync(join(folder, 'wal.ndjson'), 'utf8');
    expect((JSON.parse(line.slice(line.indexOf(' ') + 1)) as { patches: object }).patches).toEqual([
      { op: 'replace', path: ['servers', 'NODE1', 'nics', 0, 'name'], value: 'One' },
    ]);
  });

  it('goes on from what an earlier version wrote', () => {
    const server = structuredClone(state.servers['NODE1']!);
    server.nics[0]!.name = 'Former';
    const text = JSON.stringify({ entry: { seq: 1, ...entry('x') }, changes: { 'servers/NODE1': server, faults: [] } });
    const sum = createHash('sha256').update(text).digest('hex').slice(0, 16);
    writeFileSync(join(folder, 'wal.ndjson'), `${sum} ${text}\n`);
    expect(reload().servers['NODE1']!.nics[0]!.name).toBe('Former');
    expect(record.seq).toBe(1);
  });

  it('has every transaction after a restart', () => {
    for (const name of ['One', 'Two', 'Three']) rename(name);
    expect(reload()).toEqual(state);
    expect(record.seq).toBe(3);
    rename('Four');
    expect(reload().servers['NODE1']!.nics[0]!.name).toBe('Four');
  });

  it('drops a line that was torn and keeps those before it', () => {
    rename('One');
    rename('Two');
    const path = join(folder, 'wal.ndjson');
    const whole = readFileSync(path, 'utf8');
    for (const cut of [2, 10, 64, Math.floor(whole.length / 4)]) {
      writeFileSync(path, whole);
      truncateSync(path, whole.length - cut);
      record.close();
      const again = new WorldRecord(folder);
      // load() writes a checkpoint, so each round begins with the files of the crash.
      const before = readFileSync(join(folder, 'state.json'));
      expect(again.load()!.servers['NODE1']!.nics[0]!.name).toBe('One');
      again.close();
      writeFileSync(join(folder, 'state.json'), before);
    }
  });

  it('does not believe a line whose checksum is wrong', () => {
    rename('One');
    const path = join(folder, 'wal.ndjson');
    writeFileSync(path, readFileSync(path, 'utf8').replace('One', 'Oni'));
    expect(reload().servers['NODE1']!.nics[0]!.name).toBe('Ethernet');
  });

  it('goes on from a checkpoint when the old list is still there', () => {
    rename('One');
    const path = join(folder, 'wal.ndjson');
    const wal = readFileSync(path, 'utf8');
    rename('Two');
    record.checkpoint(state);
    // A crash between the rename of the state and the removal of the list.
    writeFileSync(path, wal);
    expect(reload().servers['NODE1']!.nics[0]!.name).toBe('Two');
  });

  it('completes a log that a crash cut, and reads past a torn line of it', () => {
    rename('One');
    rename('Two');
    const log = join(folder, 'log.ndjson');
    writeFileSync(log, readFileSync(log, 'utf8').split('\n')[0]! + '\n');
    reload();
    appendFileSync(log, '{"seq":');
    expect(record.readLog(10).map((one) => one.what)).toEqual(['One', 'Two']);
  });
});
