import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A world for tests of the simulated modules themselves: answers by a table, remembers what it was asked. */
export interface WorldCall {
  readonly server: string;
  readonly cmdlet: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}
export type WorldAnswer = Readonly<Record<string, unknown>>;
export interface FakeWorld {
  readonly address: string;
  readonly calls: WorldCall[];
  answer(cmdlet: string, answer: WorldAnswer | ((call: WorldCall) => WorldAnswer | 'hang')): void;
  /** Cuts every connection, as a killed process does. */
  cut(): void;
  close(): Promise<void>;
}

/** `otherwise` answers what the table does not. */
export const startFakeWorld = async (otherwise?: (call: WorldCall) => Promise<unknown>): Promise<FakeWorld> => {
  const id = randomBytes(6).toString('hex');
  const address =
    process.platform === 'win32' ? `\\\\.\\pipe\\quorate-world-${id}` : join(tmpdir(), `quorate-world-${id}`);
  const answers = new Map<string, WorldAnswer | ((call: WorldCall) => WorldAnswer | 'hang')>();
  const calls: WorldCall[] = [];
  const sockets = new Set<Socket>();
  const reply = (line: string, socket: Socket): void => {
    const request = JSON.parse(line) as WorldCall & { id: number };
    calls.push({ server: request.server, cmdlet: request.cmdlet, parameters: request.parameters });
    const known = answers.get(request.cmdlet);
    const answer = typeof known === 'function' ? known(request) : known;
    if (answer === 'hang') return;
    if (!answer && otherwise) {
      void otherwise(request).then((made) => socket.write(`${JSON.stringify(made)}\n`));
      return;
    }
    const missing = {
      ok: false,
      error: {
        id: `NotModelled,${request.cmdlet}`,
        category: 'NotImplemented',
        message: `${request.cmdlet} is not modelled.`,
      },
    };
    socket.write(`${JSON.stringify({ id: request.id, ...(answer ?? missing) })}\n`);
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 1);
        reply(line, socket);
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((settled) => server.listen(address, settled));
  return {
    address,
    calls,
    answer: (cmdlet, answer) => void answers.set(cmdlet, answer),
    cut: () => sockets.forEach((socket) => socket.destroy()),
    close: () =>
      new Promise((settled) => {
        sockets.forEach((socket) => socket.destroy());
        server.close(() => {
          if (process.platform !== 'win32') rmSync(address, { force: true });
          settled();
        });
      }),
  };
};
