import { mkdtempSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCore } from '../../../main/agent/compose.ts';
import { serveLoopback, type LoopbackPage } from '../../../main/agent/loopback.ts';
import { removeFolder } from '../../support/remove-folder.ts';

let folder = '';
let page: LoopbackPage;
let cookie = '';
let origin = '';

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

const ask = (
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(path, origin),
      { method: options.method ?? 'GET', headers: options.headers ?? {} },
      (incoming) => {
        let body = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (part: string) => (body += part));
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body }));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-page-'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Quorate</title>');
  page = await serveLoopback(createCore({ dataFolder: folder, host: 'agent' }), folder);
  const address = new URL(page.newAddress());
  origin = address.origin;
  const first = await ask(address.pathname + address.search);
  cookie = String(first.headers['set-cookie']?.[0]).split(';')[0] ?? '';
});
afterAll(async () => {
  await page.close();
  await removeFolder(folder);
});

const callBody = JSON.stringify({ callId: '1', method: 'core.info', input: {} });

describe('the loopback page', () => {
  it('serves the page and the calls of a browser that opened its address', async () => {
    expect((await ask('/', { headers: { cookie } })).body).toContain('Quorate');
    const answer = await ask('/api/call', { method: 'POST', headers: { cookie, origin }, body: callBody });
    expect(JSON.parse(answer.body.trim().split('\n').at(-1) ?? '')).toMatchObject({ outcome: { ok: true } });
  });

  it('sends a strict content security policy', async () => {
    const { headers } = await ask('/', { headers: { cookie } });
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).not.toContain("script-src 'self' 'unsafe");
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it('takes a token once', async () => {
    const address = new URL(page.newAddress());
    expect((await ask(address.pathname + address.search)).status).toBe(303);
    const again = await ask(address.pathname + address.search);
    expect(again.status).toBe(403);
    expect(again.body).toContain('quorate agent url');
  });

  it.each([
    ['no cookie', '/', {}, 403],
    ['a wrong cookie', '/', { cookie: 'quorate=AAAA' }, 403],
    ['a rebound name', '/', { host: 'evil.example', cookie: 'mine' }, 421],
    ['a path out of the folder', '/..%2f..%2fetc%2fpasswd', { cookie: 'mine' }, 404],
  ])('refuses %s', async (_what, path, headers: Record<string, string>, status) => {
    const sent = headers['cookie'] === 'mine' ? { ...headers, cookie } : headers;
    expect((await ask(path, { headers: sent })).status).toBe(status);
  });

  it.each([
    ['another origin', { origin: 'http://evil.example' }],
    ['no origin', {}],
  ])('refuses a call from %s', async (_what, headers: Record<string, string>) => {
    expect((await ask('/api/call', { method: 'POST', headers: { ...headers, cookie }, body: callBody })).status).toBe(
      403,
    );
  });

  it('answers a body that is no JSON with a failure', async () => {
    const answer = await ask('/api/call', { method: 'POST', headers: { cookie, origin }, body: '{{{' });
    expect(JSON.parse(answer.body)).toMatchObject({ outcome: { ok: false } });
  });
});
