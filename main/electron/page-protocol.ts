import { net, protocol } from 'electron';
import { join, normalize, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { contentSecurityPolicy } from '../agent/content-security-policy.ts';
import { pageOrigin, pageScheme } from './channels.ts';

/** Must run before the app is ready. */
export const declarePageScheme = (): void => {
  protocol.registerSchemesAsPrivileged([
    { scheme: pageScheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
};

/** Serves the built page under an origin of its own, with a strict content security policy. */
export const servePage = (folder: string): void => {
  protocol.handle(pageScheme, async (request) => {
    const url = new URL(request.url);
    const path = normalize(join(folder, url.pathname === '/' ? 'index.html' : decodeURIComponent(url.pathname)));
    if (`${pageScheme}://${url.host}` !== pageOrigin || !path.startsWith(folder + sep))
      return new Response('There is no such page.', { status: 404 });
    const file = await net.fetch(pathToFileURL(path).toString());
    const headers = new Headers(file.headers);
    headers.set('content-security-policy', contentSecurityPolicy);
    headers.set('x-content-type-options', 'nosniff');
    return new Response(file.body, { status: file.status, headers });
  });
};
