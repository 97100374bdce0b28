import { createServer } from 'node:net';

/** Below what systems give to a socket that asks for any port: Linux from 32768 on, Windows and macOS from 49152 on. */
const [lowest, highest] = [10_000, 32_767];

const isFree = async (port: number, host: string): Promise<boolean> => {
  const server = createServer();
  try {
    return await new Promise<boolean>((resolve) => {
      // A machine without IPv6 has nothing there that could be taken.
      server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'EADDRINUSE' && code !== 'EACCES'));
      server.listen({ port, host, exclusive: true }, () => resolve(true));
    });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
};

/**
 * A port that is free on every address, for what names one, listens there again later, or moves with it to another address. It is none that the system
 * gives to others meanwhile: one of those may be the near end of any other test's connection by then.
 */
export const freePort = async (): Promise<number> => {
  for (let tries = 0; tries < 100; tries++) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest + 1));
    if ((await isFree(port, '::')) && (await isFree(port, '0.0.0.0'))) return port;
  }
  throw new Error(`no port between ${lowest} and ${highest} was free in a hundred tries`);
};
