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

/**
 * Serves the built page under an origin of its own, with a strict content security policy.
 *
 * Not with `protocol.handle`: its Request and Response are Node's, which load an HTTP client of 30 modules before the first
 * file is handed over, and make a stream of each.
 */
export const servePage = (folder: string): void => {
  protocol.registerBufferProtocol(pageScheme, ({ url: asked }, answer) => {
    const refuse = (why: string): void => answer({ statusCode: 404, mimeType: 'text/plain', data: Buffer.from(why) });
    const url = new URL(asked);
    const path = normalize(join(folder, url.pathname === '/' ? 'index.html' : decodeURIComponent(url.pathname)));
    if (`${pageScheme}://${url.host}` !== pageOrigin || !path.startsWith(folder + sep))
      return refuse('There is no such page.');
    let data: Buffer;
    try {
      data = readFileSync(path);
    } catch {
      return refuse('There is no such file.');
    }
    answer({
      data,
      headers: {
        'content-type': pageMediaType(path),
        'content-security-policy': contentSecurityPolicy,
        'x-content-type-options': 'nosniff',
      },
    });
  });
};
