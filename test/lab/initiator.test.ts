import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  discover,
  lunFromNumber,
  openSession,
  scsi,
  type OpenSessionOptions,
  type Session,
} from '../../main/iscsi/index.ts';
import { freePort } from '../support/free-port.ts';
import { titled } from '../support/skipped.ts';

/** The initiator against a target that we did not write: Debian's tgt in user space, on loopback. */
const run = promisify(execFile);
const reason = spawnSync('tgtd', ['--version']).error === undefined ? null : 'tgtd is not installed (Debian: tgt)';

const initiatorName = 'iqn.2026-01.test:initiator';
const open = 'iqn.2026-01.test:open';
const guarded = 'iqn.2026-01.test:guarded';
const chap = { name: 'node1', secret: 'the secret of node1', mutual: { name: 'tgt', secret: 'the secret of tgt!' } };
const lun = lunFromNumber(1);
const BLOCK = 512;

let daemon: ChildProcess;
let folder: string;
let portal: string;

const admin = (...args: string[]): Promise<unknown> =>
  run('tgtadm', ['-C', control(), '--lld', 'iscsi', ...args], {
    env: { ...process.env, TGT_IPC_SOCKET: join(folder, 'control') },
  });
/** tgt keeps it in a signed 16-bit number. */
const control = (): string => String(1000 + (process.pid % 20_000));

const makeTarget = async (tid: string, name: string): Promise<void> => {
  const disk = join(folder, `disk${tid}`);
  writeFileSync(disk, '');
  truncateSync(disk, 64 * 1024 * 1024);
  await admin('--op', 'new', '--mode', 'target', '--tid', tid, '-T', name);
  await admin('--op', 'new', '--mode', 'logicalunit', '--tid', tid, '--lun', '1', '-b', disk);
  for (const key of ['HeaderDigest', 'DataDigest']) {
    await admin('--op', 'update', '--mode', 'target', '--tid', tid, '-n', key, '-v', 'CRC32C');
  }
  await admin('--op', 'bind', '--mode', 'target', '--tid', tid, '-I', 'ALL');
};

const openAt = (target: string, more: Partial<OpenSessionOptions> = {}): Promise<Session> =>
  openSession({ portal, target, initiatorName, ...more });

/** The unit attention of a new nexus is taken away. */
const settle = async (session: Session): Promise<void> => {
  await scsi.testUnitReady(session, lun);
  expect(await scsi.testUnitReady(session, lun)).toMatchObject({ ok: true });
};

describe.skipIf(reason !== null)(titled('the initiator against tgt', reason), () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-tgt-'));
    const port = await freePort();
    portal = `127.0.0.1:${port}`;
    daemon = spawn('tgtd', ['-f', '-C', control(), '--iscsi', `portal=${portal}`], {
      stdio: 'ignore',
      env: { ...process.env, TGT_IPC_SOCKET: join(folder, 'control') },
    });
    const deadline = Date.now() + 120_000;
    while (
      !(await makeTarget('1', open).then(
        () => true,
        () => false,
      ))
    ) {
      if (Date.now() > deadline) throw new Error('tgtd does not start');
    }
    await makeTarget('2', guarded);
    const account = (name: string, secret: string): Promise<unknown> =>
      admin('--op', 'new', '--mode', 'account', '--user', name, '--password', secret);
    const bind = (name: string, ...more: string[]): Promise<unknown> =>
      admin('--op', 'bind', '--mode', 'account', '--tid', '2', '--user', name, ...more);
    await account(chap.name, chap.secret);
    await account(chap.mutual.name, chap.mutual.secret);
    await bind(chap.name);
    await bind(chap.mutual.name, '--outgoing');
  });

  afterAll(async () => {
    const ended = new Promise((resolve) => daemon.once('exit', resolve));
    if (daemon.kill('SIGKILL')) await ended;
    rmSync(folder, { recursive: true, force: true });
  });

  test('discovers its targets', async () => {
    const discovery = await discover({ portal, initiatorName });
    expect(discovery.targets.map(({ name }) => name).sort()).toEqual([guarded, open].sort());
    expect(discovery.logout).toBe('answered');
  });

  test('logs in with mutual CHAP, and not with a wrong secret', async () => {
    const session = await openAt(guarded, { chap });
    expect(session.info.authentication).toBe('mutualChap');
    await session.logout();
    const wrong = openAt(guarded, { chap: { name: chap.name, secret: 'not the secret!' } });
    await expect(wrong).rejects.toMatchObject({ code: 'LOGIN_AUTHENTICATION_FAILED', portal, target: guarded });
    await expect(openAt(guarded)).rejects.toMatchObject({ code: 'LOGIN_AUTHENTICATION_FAILED' });
    const wrongTarget = openAt(guarded, { chap: { ...chap, mutual: { name: 'tgt', secret: 'another secret!' } } });
    await expect(wrongTarget).rejects.toMatchObject({ code: 'MUTUAL_CHAP_FAILED' });
  });

  test('is told of a target that is not there', async () => {
    await expect(openAt('iqn.2026-01.test:none')).rejects.toMatchObject({ code: 'LOGIN_TARGET_NOT_FOUND' });
  });

  test.each(['None', 'CRC32C'] as const)('reads what it wrote, digests %s', async (digest) => {
    const session = await openAt(open, { headerDigest: digest, dataDigest: digest });
    expect(session.info.parameters.dataDigest).toBe(digest === 'CRC32C');
    await settle(session);
    const data = Buffer.alloc(3 * 1024 * 1024 + BLOCK);
    for (let i = 0; i < data.length; i++) data[i] = (i * 31) >> 3;
    expect(await scsi.write(session, lun, 5n, data, BLOCK)).toMatchObject({ ok: true });
    const range = { firstBlock: 5n, blocks: data.length / BLOCK };
    const outcome = await scsi.read(session, lun, range, BLOCK);
    expect(outcome.ok && outcome.value.equals(data)).toBe(true);
    const beyond = await scsi.read(session, lun, { firstBlock: 1n << 33n, blocks: 1 }, BLOCK);
    expect(beyond).toMatchObject({ ok: false, status: 2, sense: { senseKey: 5, asc: 0x21 } });
    expect(await session.manage('logicalUnitReset', lun)).toBe('functionComplete');
    await session.logout();
  });

  test('finds identity and capacity', async () => {
    const session = await openAt(open);
    await settle(session);
    expect(await scsi.reportLuns(session)).toMatchObject({ ok: true, value: { luns: [0n, lun] } });
    expect(await scsi.inquiry(session, lun)).toMatchObject({
      ok: true,
      value: { vendor: 'IET', product: 'VIRTUAL-DISK' },
    });
    expect(await scsi.readCapacity(session, lun)).toMatchObject({
      ok: true,
      value: { blocks: 131072n, blockSizeBytes: 512 },
    });
    const identification = await scsi.deviceIdentification(session, lun);
    expect(identification.ok && scsi.pickIdentity(identification.value)?.type).toBe('naa');
    expect(await scsi.modeSense(session, lun)).toMatchObject({ ok: true, value: { writeProtected: false } });
    await session.logout();
  });

  test('two nexuses conflict over a reservation', async () => {
    const [holder, other] = await Promise.all([openAt(open), openAt(open)]);
    await settle(holder);
    await settle(other);
    const key = 0x51a0_0000_0000_0001n;
    const type = 'writeExclusiveRegistrantsOnly';
    const act = (session: Session, request: scsi.PersistentReserveOut): Promise<scsi.ScsiOutcome<undefined>> =>
      scsi.persistentReserveOut(session, lun, request);
    expect(await act(holder, { action: 'registerAndIgnoreExistingKey', serviceActionKey: key })).toMatchObject({
      ok: true,
    });
    expect(await act(holder, { action: 'reserve', key, type })).toMatchObject({ ok: true });
    expect(await scsi.readKeys(other, lun)).toMatchObject({ ok: true, value: { keys: [key] } });
    expect(await scsi.readReservation(other, lun)).toMatchObject({
      ok: true,
      value: { reservation: { key, typeCode: 5 } },
    });
    // Asked first as qualification asks it: with commands that change nothing.
    const conflict = { ok: false, status: scsi.STATUS.RESERVATION_CONFLICT };
    expect(await scsi.write(other, lun, 0n, Buffer.alloc(0), BLOCK)).toMatchObject(conflict);
    expect(await scsi.synchronizeCache(other, lun)).toMatchObject(conflict);
    expect(await scsi.read(other, lun, { firstBlock: 0n, blocks: 1 }, BLOCK)).toMatchObject({ ok: true });
    expect(await act(holder, { action: 'clear', key })).toMatchObject({ ok: true });
    expect(await scsi.readKeys(holder, lun)).toMatchObject({ ok: true, value: { keys: [] } });
    await Promise.all([holder.logout(), other.logout()]);
  });
});
