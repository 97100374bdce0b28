import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  decodeSense,
  encodeCdb,
  encodeFixedSense,
  encodePdu,
  encodeText,
  IscsiError,
  ISCSI_ERRORS,
  NO_RESIDUAL,
  parseTraceTopics,
} from '../../../main/iscsi/index.ts';
import { Trace } from '../../../main/iscsi/transport/trace.ts';
import { traceCommand, traceResponse } from '../../../main/iscsi/session/command-trace.ts';
import { asIscsiError } from '../../../main/iscsi/error.ts';
import { hex } from '../../support/hex.ts';

const tracing = (topics: string): { readonly trace: Trace; readonly lines: string[] } => {
  const lines: string[] = [];
  return { trace: new Trace(parseTraceTopics(topics), (line) => lines.push(line), '192.0.2.1:3260'), lines };
};

describe('the trace', () => {
  const secrets = encodeText([
    ['CHAP_A', '7'],
    ['CHAP_I', '42'],
    ['CHAP_C', '0xc0ffee'],
    ['CHAP_N', 'node1'],
    ['CHAP_R', '0xdeadbeef'],
  ]);

  test('never shows what a secret could be guessed from', () => {
    const { trace, lines } = tracing('pdu,text,scsi');
    trace.bytes(true, encodePdu({ kind: 'loginRequest' }), Buffer.alloc(0), secrets);
    trace.bytes(true, encodePdu({ kind: 'loginRequest' }), Buffer.alloc(0), secrets.subarray(3, secrets.length - 5));
    const all = lines.join('\n');
    expect(all).toContain('CHAP_A=7 CHAP_I=42 CHAP_C=(hidden) CHAP_N=(hidden) CHAP_R=(hidden)');
    for (const secret of ['c0ffee', 'node1', 'deadbeef', secrets.toString('hex')]) expect(all).not.toContain(secret);
  });

  test('never shows the rest of a text that was cut, which may be the second half of a secret', () => {
    const { trace, lines } = tracing('text');
    const say = (outgoing: boolean, text: string, goesOn: boolean): void => {
      const bhs = encodePdu({ kind: 'loginResponse', continue: goesOn });
      trace.bytes(outgoing, bhs, Buffer.alloc(0), Buffer.from(text));
    };
    say(false, 'CHAP_N=array\0CHAP_R=0bSECRETHALF', true);
    say(true, 'HeaderDigest=None\0', false); // the other direction has a text of its own
    say(false, 'A=SECRET', true);
    say(false, 'B=SECRETEND==\0', false);
    say(false, 'TargetAlias=Array 1\0', false);
    expect(lines.map((line) => line.slice('192.0.2.1:3260 '.length))).toEqual([
      '<- text CHAP_N=(hidden) CHAP_R=(hidden)',
      '-> text HeaderDigest=None',
      '<- text (8 bytes that go on with the last)',
      '<- text (14 bytes that go on with the last)',
      '<- text TargetAlias=Array 1',
    ]);
  });

  test('shows no value of a key that it does not know', () => {
    const { trace, lines } = tracing('text');
    const text = 'X-com.vendor.Secret=hello\0CHAP_X=abc\0IFMarker=No\0iSCSIProtocolLevel=1\0';
    trace.bytes(false, encodePdu({ kind: 'loginResponse' }), Buffer.alloc(0), Buffer.from(text));
    expect(lines[0]).toContain('X-com.vendor.Secret=(hidden) CHAP_X=(hidden) IFMarker=No iSCSIProtocolLevel=1');
  });

  test('shows the length of data that is sent by reference', () => {
    const { trace, lines } = tracing('pdu');
    const bhs = encodePdu({ kind: 'dataOut', final: true, itt: 5, data: Buffer.alloc(8192) }).subarray(0, 48);
    trace.bytes(true, bhs, Buffer.alloc(0), Buffer.alloc(0));
    expect(lines).toEqual(['192.0.2.1:3260 -> SCSI Data-Out final=true itt=5 data=8192 bytes']);
  });

  test('shows PDUs by their names and fields, and the length of data only', () => {
    const { trace, lines } = tracing('pdu');
    trace.bytes(
      false,
      encodePdu({ kind: 'dataIn', final: true, itt: 5, lun: 1n << 48n }),
      Buffer.alloc(0),
      Buffer.from('private'),
    );
    expect(lines).toEqual(['192.0.2.1:3260 <- SCSI Data-In final=true lun=281474976710656 itt=5 data=7 bytes']);
  });

  test('shows commands and answers in the words of SCSI', () => {
    const { trace, lines } = tracing('scsi');
    const cdb = encodeCdb('read10', { logicalBlockAddress: 100, transferLength: 8 });
    traceCommand(trace, cdb, 1n << 48n);
    const sense = decodeSense(encodeFixedSense({ senseKey: 6, asc: 0x29, ascq: 0 }))!;
    traceResponse(trace, cdb, 1n << 48n, {
      status: 2,
      sense,
      data: Buffer.alloc(0),
      residual: { kind: 'underflow', bytes: 4096 },
    });
    traceResponse(trace, cdb, 1n << 48n, { status: 0, data: Buffer.alloc(4096), residual: NO_RESIDUAL });
    expect(lines).toEqual([
      '192.0.2.1:3260 LUN 1 READ (10) logicalBlockAddress=100 transferLength=8',
      '192.0.2.1:3260 LUN 1 READ (10): CHECK CONDITION underflow 4096 UNIT ATTENTION, 29h/00h POWER ON, RESET, OR BUS DEVICE RESET OCCURRED',
      '192.0.2.1:3260 LUN 1 READ (10): GOOD 4096 bytes',
    ]);
  });

  test('says only what was asked for', () => {
    const { trace, lines } = tracing('text');
    trace.bytes(true, encodePdu({ kind: 'nopOut' }), Buffer.alloc(0), Buffer.alloc(0));
    traceCommand(trace, encodeCdb('testUnitReady'), 0n);
    expect(lines).toEqual([]);
    expect([...parseTraceTopics('powershell, scsi ,nonsense')]).toEqual(['scsi']);
    expect(parseTraceTopics(undefined).size).toBe(0);
  });

  test('lives with what cannot be decoded', () => {
    const { trace, lines } = tracing('pdu');
    trace.bytes(false, Buffer.alloc(48, 0x3e), Buffer.alloc(0), Buffer.alloc(0));
    expect(lines[0]).toContain('unreadable PDU');
  });
});

describe('errors', () => {
  test('name portal, target and LUN', () => {
    const error = new IscsiError('COMMAND_TIMED_OUT', {
      phase: 'command',
      portal: '192.0.2.1:3260',
      target: 'iqn.2026-01.test:t',
      lun: '1',
      detail: { command: 'READ (10)', timeoutMs: 30000 },
    });
    expect(error.message).toBe(
      'The command READ (10) was not answered within 30000 ms. (target iqn.2026-01.test:t, portal 192.0.2.1:3260, LUN 1)',
    );
  });

  test('learn their place on the way up and keep what they knew', () => {
    const error = new IscsiError('PDU_MALFORMED', { detail: { reason: 'x' } }).at({ phase: 'login', portal: 'a:1' });
    expect(error).toMatchObject({ code: 'PDU_MALFORMED', phase: 'login', portal: 'a:1', target: undefined });
    expect(error.at({ phase: 'session', portal: 'b:1', target: 't' })).toMatchObject({
      phase: 'login',
      portal: 'a:1',
      target: 't',
    });
    expect(error.at({ portal: 'c:1' })).toBe(error);
    expect(asIscsiError(new Error('boom'), { portal: 'a:1' })).toMatchObject({
      code: 'CONNECTION_LOST',
      portal: 'a:1',
    });
  });

  test('have a sentence without a hole, "please" or an exclamation mark', () => {
    for (const sentence of Object.values(ISCSI_ERRORS)) {
      expect(sentence).toMatch(/^[A-Z].*\.$/);
      expect(sentence).not.toMatch(/please|error:|!/i);
    }
  });
});

describe('the package', () => {
  const root = new URL('../../../main/iscsi/', import.meta.url);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const importsOf = (name: string): string[] =>
    [...readFileSync(new URL(name, root), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
      (match) => match[1]!,
    );

  test.each(files)('%s imports nothing else of ours', (name) => {
    for (const specifier of importsOf(name)) {
      if (specifier.startsWith('.')) {
        expect(new URL(specifier, new URL(name, root)).pathname.startsWith(root.pathname)).toBe(true);
      } else expect(specifier).toMatch(/^node:|^@node-rs\/crc32$/);
    }
  });

  test('scsi knows nothing of iSCSI', () => {
    for (const name of files.filter((file) => file.startsWith('scsi/'))) {
      for (const specifier of importsOf(name)) expect(specifier).toMatch(/^(\.\/|\.\.\/error\.ts$|\.\.\/wire\/)/);
    }
  });

  test('the bytes of a test are the bytes that were typed', () => {
    expect(hex('01 02 // 03\n04')).toEqual(Buffer.from([1, 2, 4]));
  });
});
