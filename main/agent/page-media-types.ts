import { extname } from 'node:path';

/** RFC 6838 media types of what the built page consists of. */
const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

/** The media type of one of the page's files, by its name. */
export const pageMediaType = (path: string): string => mediaTypes[extname(path)] ?? 'application/octet-stream';
