import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize, sep } from 'node:path';
import type { Dispatcher } from '../api/dispatcher.ts';
import { failure, toEnvelope } from '../../shared/errors/failure.ts';
import { contentSecurityPolicy } from './content-security-policy.ts';
import { pageMediaType } from './page-media-types.ts';
import { PageSessions } from './page-sessions.ts';

const maxBodyBytes = 32 * 1024 * 1024;
const cookieName = 'quorate';

const readBody = (request: IncomingMessage): Promise<string> =>
  new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    request.on('data', (part: Buffer) => {
      length += part.length;
      if (length > maxBodyBytes) {
        reject(failure('CALL_INPUT_INVALID', { method: 'call', problem: 'the request is larger than 32 MiB' }));
        request.destroy();
      } else parts.push(part);
    });
    request.on('end', () => resolve(Buffer.concat(parts).toString('utf8')));
    request.on('error', reject);
  });

export interface LoopbackPage {
  /** The address to open, with a token that works once and for ten minutes. */
  readonly newAddress: () => string;
  readonly close: () => Promise<void>;
}

/**
 * Serves the window's page on 127.0.0.1 for machines without a display. A token in the address is exchanged once for a
 * cookie of this browser; Host and Origin are checked, so that no other site and no rebound name reaches the core.
 */
export const serveLoopback = async (core: Dispatcher, pageFolder: string, port = 0): Promise<LoopbackPage> => {
  const sessions = new PageSessions();
  const controllers = new Map<string, AbortController>();
  let origin = '';

  const isOurHost = (request: IncomingMessage): boolean => `http://${request.headers.host ?? ''}` === origin;
  const isOurOrigin = (request: IncomingMessage): boolean =>
    request.headers.origin === origin || (request.headers.origin === undefined && request.method === 'GET');
  const hasSession = (request: IncomingMessage): boolean => {
    const found = new RegExp(`(?:^|; )${cookieName}=([\\w-]+)`).exec(request.headers.cookie ?? '')?.[1];
    return found !== undefined && sessions.use(found);
  };

  const refuse = (response: ServerResponse, status: number, text: string): void => {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
  };

  const answerJson = (response: ServerResponse, body: unknown): void => {
    response
      .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      .end(JSON.stringify(body));
  };

  const sendFile = (response: ServerResponse, path: string): void => {
    const wanted = normalize(join(pageFolder, path));
    if (!wanted.startsWith(pageFolder + sep) || !existsSync(wanted) || !statSync(wanted).isFile()) {
      refuse(response, 404, 'There is no such file.');
      return;
    }
    response.writeHead(200, {
      'content-type': pageMediaType(wanted),
      'content-security-policy': contentSecurityPolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-cache',
    });
    createReadStream(wanted).pipe(response);
  };

  const streamEvents = (request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(':\n\n');
    const unwatch = core.activities.watch((activity) => {
      response.write(`event: activity\ndata: ${JSON.stringify(activity)}\n\n`);
    });
    request.on('close', unwatch);
  };

  /** Answers with one JSON line per progress and a last one with the outcome. */
  const answerCall = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let message: { callId?: unknown; method?: unknown; input?: unknown };
    try {
      message = JSON.parse(await readBody(request)) as typeof message;
    } catch (error) {
      answerJson(response, { outcome: { ok: false, error: toEnvelope(error) } });
      return;
    }
    const controller = new AbortController();
    const callId = String(message.callId);
    controllers.set(callId, controller);
    response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
    const outcome = await core.call(String(message.method), message.input, {
      caller: { kind: 'ui' },
      signal: controller.signal,
      onProgress: (progress) => response.write(`${JSON.stringify({ progress })}\n`),
    });
    controllers.delete(callId);
    response.end(`${JSON.stringify({ outcome })}\n`);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', origin);
    if (!isOurHost(request)) return refuse(response, 421, 'This page answers to its own address only.');
    const token = url.searchParams.get('token');
    if (request.method === 'GET' && token !== null) {
      const session = sessions.open(token);
      if (session === null)
        return refuse(
          response,
          403,
          'This address was used already or is too old. Run "quorate agent url" for a new one.',
        );
      response
        .writeHead(303, { location: '/', 'set-cookie': `${cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/` })
        .end();
      return;
    }
    if (!hasSession(request))
      return refuse(response, 403, 'Run "quorate agent url" and open the address that it prints.');
    if (request.method === 'GET' && url.pathname === '/api/events') return streamEvents(request, response);
    if (request.method === 'GET')
      return sendFile(response, url.pathname === '/' ? 'index.html' : decodeURIComponent(url.pathname).slice(1));
    if (request.method !== 'POST' || !isOurOrigin(request)) return refuse(response, 403, 'Only this page may call.');
    if (url.pathname === '/api/cancel') {
      const { callId } = JSON.parse(await readBody(request)) as { callId?: unknown };
      controllers.get(String(callId))?.abort();
      return answerJson(response, {});
    }
    if (url.pathname === '/api/call') return answerCall(request, response);
    return refuse(response, 404, 'There is no such page.');
  };

  const server: Server = createServer((request, response) => {
    handle(request, response).catch(() => {
      if (!response.headersSent) refuse(response, 400, 'The request could not be read.');
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    newAddress: () => `${origin}/?token=${sessions.newToken()}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
