import { protocol } from 'electron';
import { readFileSync } from 'node:fs';
import { join, normalize, sep } from 'node:path';
import { contentSecurityPolicy } from '../agent/content-security-policy.ts';
import { pageMediaType } from '../agent/page-media-types.ts';
import { pageOrigin, pageScheme } from './channels.ts';

/** Must run before the app is ready. */
export const declarePageScheme = (): void => {
  protocol.registerSchemesAsPrivileged([
    { scheme: pageScheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
};

/** How long the page's files may take before nobody waits for them any more. */
const patienceMs = 1_000;

/**
 * Serves the built page under an origin of its own, with a strict content security policy.
 * @returns resolves once everything that index.html names has been handed over (or after a second): what keeps this
 * process busy is better begun then, because a busy process hands over nothing
 */
export const servePage = (folder: string): Promise<void> =>
  new Promise((resolve) => {
    const awaited = new Set<string>();
    protocol.handle(pageScheme, (request) => {
      const url = new URL(request.url);
      const path = normalize(join(folder, url.pathname === '/' ? 'index.html' : decodeURIComponent(url.pathname)));
      if (`${pageScheme}://${url.host}` !== pageOrigin || !path.startsWith(folder + sep))
        return new Response('There is no such page.', { status: 404 });
      let file: Buffer;
      try {
        file = readFileSync(path);
      } catch {
        return new Response('There is no such file.', { status: 404 });
      }
      if (path.endsWith('index.html')) {
        for (const [, name] of file.toString('utf8').matchAll(/(?:src|href)="\.?\/?([^"]+\.(?:js|css))"/g))
          if (name) awaited.add(name);
        setTimeout(resolve, patienceMs);
      } else if (awaited.delete(url.pathname.slice(1)) && awaited.size === 0) setImmediate(resolve);
      return new Response(new Uint8Array(file), {
        headers: {
          'content-type': pageMediaType(path),
          'content-security-policy': contentSecurityPolicy,
          'x-content-type-options': 'nosniff',
        },
      });
    });
  });
