import type { Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PduWriter } from '../../../main/iscsi/transport/pdu-writer.ts';

/** Takes at once what it has room for, like the system; the rest waits by reference, and its bytes are looked at only when they go. */
class SlowSocket {
  readonly sent: Buffer[] = [];
  #waiting: Buffer[] = [];
  writes = 0;
  room = 0;

  get writableLength(): number {
    return this.#waiting.reduce((sum, { length }) => sum + length, 0);
  }

  write(part: Buffer): boolean {
    this.writes++;
    this.#waiting.push(part);
    this.drain(0);
    return true;
  }

  cork(): void {}
  uncork(): void {}

  drain(roomBytes: number): void {
    this.room += roomBytes;
    // As Node counts: a write is done when all of it is.
    while (this.#waiting[0] !== undefined && this.#waiting[0].length <= this.room) {
      const part = this.#waiting.shift() as Buffer;
      this.room -= part.length;
      this.sent.push(Buffer.from(part));
    }
  }
}

const make = (): { readonly socket: SlowSocket; readonly writer: PduWriter } => {
  const socket = new SlowSocket();
  return { socket, writer: new PduWriter(socket as unknown as Socket) };
};

const put = (writer: PduWriter, length: number, value: number, isLone = false): Buffer => {
  const at = writer.reserve(length, isLone);
  writer.buffer.fill(value, at, at + length);
  return Buffer.alloc(length, value);
};

describe('bytes go out in their order and are not written over before they are gone', () => {
  test('whatever is sent, and however slowly the system takes it', async () => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ kind: fc.constant('reserve' as const), length: fc.constantFrom(48, 52, 400, 400) }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant('append' as const), length: fc.integer({ min: 1, max: 3000 }) }),
      },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('flush' as const), length: fc.constant(0) }) },
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant('drain' as const), length: fc.integer({ min: 1, max: 1500 }) }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('turn' as const), length: fc.constant(0) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 400, size: 'max' }), async (steps) => {
        const { socket, writer } = make();
        const expected: Buffer[] = [];
        let value = 0;
        for (const { kind, length } of steps) {
          value = (value % 255) + 1;
          if (kind === 'reserve') expected.push(put(writer, length, value, value % 2 === 0));
          else if (kind === 'append') {
            const bytes = Buffer.alloc(length, value);
            expected.push(Buffer.from(bytes));
            writer.append(bytes);
          } else if (kind === 'flush') writer.flush();
          else if (kind === 'drain') socket.drain(length);
          else await new Promise((resolve) => setImmediate(resolve));
          expect(writer.sentBytes).toBeLessThanOrEqual(writer.takenBytes);
        }
        writer.flush();
        socket.drain(10_000_000);
        expect(Buffer.concat(socket.sent).equals(Buffer.concat(expected))).toBe(true);
        expect(writer.sentBytes).toBe(writer.takenBytes);
      }),
      { numRuns: 150 },
    );
  });

  test('a thousand commands of one turn, which fill several slabs alike', () => {
    const { socket, writer } = make();
    const expected = Array.from({ length: 1000 }, (_, i) => put(writer, 48, i % 251));
    writer.flush();
    socket.drain(10_000_000);
    expect(Buffer.concat(socket.sent).equals(Buffer.concat(expected))).toBe(true);
  });

  test('slabs are used again: a hundred thousand headers need no more of them than are under way', () => {
    const { socket, writer } = make();
    const slabs = new Set<ArrayBufferLike>();
    for (let i = 0; i < 100_000; i++) {
      put(writer, 48, i % 256);
      slabs.add(writer.buffer.buffer);
      if (i % 300 === 0) writer.flush();
      // Always one write behind: the socket is never empty.
      if (i % 300 === 10) socket.drain(Math.max(0, socket.writableLength - 48));
    }
    expect(slabs.size).toBeLessThan(12);
  });
});

describe('when it goes', () => {
  test('several commands of one turn are one write, at its end, and then what was asked for', async () => {
    const { socket, writer } = make();
    socket.room = 1_000_000;
    const seen: number[] = [];
    writer.onFlushed(() => seen.push(socket.sent.length));
    put(writer, 48, 1);
    await Promise.resolve();
    put(writer, 48, 2);
    expect(socket.writes).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(socket.writes).toBe(1);
    expect(socket.sent[0]).toHaveLength(96);
    expect(seen).toEqual([1]);
  });

  test('a lone one waits for no more than the microtasks that wait already', async () => {
    const { socket, writer } = make();
    socket.room = 1_000_000;
    put(writer, 48, 1, true);
    expect(socket.writes).toBe(0);
    await Promise.resolve();
    expect(socket.writes).toBe(1);
  });

  test('a turn without bytes writes nothing, and what was asked for is done all the same', async () => {
    const { socket, writer } = make();
    let flushes = 0;
    writer.onFlushed(() => flushes++);
    writer.schedule();
    await new Promise((resolve) => setImmediate(resolve));
    expect(flushes).toBe(1);
    expect(socket.writes).toBe(0);
  });

  test('nothing goes after it was closed', async () => {
    const { socket, writer } = make();
    put(writer, 48, 1);
    writer.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(socket.writes).toBe(0);
  });
});
