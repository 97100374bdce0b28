import { describe, expect, it } from 'vitest';
import { Output } from '../../../main/cli/output.ts';
import { decodeText } from '../../../main/cli/read-secret.ts';
import { StopRequests } from '../../../main/cli/stop-requests.ts';

class FakeStream {
  isTTY = false;
  written = '';
  refusal: NodeJS.ErrnoException | null = null;
  #listener: (error: NodeJS.ErrnoException) => void = () => undefined;

  write(text: string): void {
    if (this.refusal) throw this.refusal;
    this.written += text;
  }

  on(_event: 'error', listener: (error: NodeJS.ErrnoException) => void): void {
    this.#listener = listener;
  }

  fail(code: string): void {
    this.#listener(Object.assign(new Error(code), { code }));
  }
}

describe('standard output', () => {
  it.each([
    ['a reader that went away', 'EPIPE', false, 0],
    ['a terminal that was closed', 'EIO', true, 0],
    ['a file on a broken disk', 'EIO', false, 1],
    ['a full disk', 'ENOSPC', false, 1],
  ])('%s ends it once, and its owner is told where that is an error', (_what, code, isTTY, told) => {
    const stream = new FakeStream();
    stream.isTTY = isTTY;
    const refused: string[] = [];
    const output = new Output(stream, (error) => refused.push(String(error.code)));
    output.write('first\n');
    stream.fail(code);
    output.write('second\n');
    stream.fail(code);
    expect(stream.written).toBe('first\n');
    expect(refused).toEqual(Array.from({ length: told }, () => code));
  });

  it('a device that refuses at once', () => {
    const stream = new FakeStream();
    const refused: string[] = [];
    const output = new Output(stream, (error) => refused.push(String(error.code)));
    stream.refusal = Object.assign(new Error('full'), { code: 'ENOSPC' });
    expect(output.write('text')).toBe(false);
    expect(refused).toEqual(['ENOSPC']);
  });
});

describe('requests to stop', () => {
  it('stop the own command first, and are used up then', () => {
    const stop = new StopRequests();
    expect(stop.next()).toBe(true);
    expect([stop.own.aborted, stop.others.aborted]).toEqual([true, false]);
    expect(stop.next()).toBe(false);
  });

  it('stop the commands of others once the own one has ended, also where it was stopped itself', () => {
    const stop = new StopRequests();
    stop.next();
    stop.isForOthers = true;
    expect(stop.next()).toBe(true);
    expect(stop.others.aborted).toBe(true);
    expect(stop.next()).toBe(false);
  });
});

describe('text of a secret', () => {
  const secret = 'geheim-äöü-12';
  it.each([
    ['UTF-8', Buffer.from(secret)],
    ['UTF-8 with its mark', Buffer.from(`\ufeff${secret}`)],
    ['UTF-16, as Windows PowerShell 5.1 writes it', Buffer.from(`\ufeff${secret}`, 'utf16le')],
    ['UTF-16, the other byte first', Buffer.from(`\ufeff${secret}`, 'utf16le').swap16()],
  ])('%s', (_what, bytes) => expect(decodeText(bytes)).toBe(secret));
});
