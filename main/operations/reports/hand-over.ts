import type { HandedOver, HandOverTo } from '../../../shared/contract/hand-over.ts';
import type { FilePort } from '../../ports/file-port.ts';

export const mediaTypes = { html: 'text/html', pdf: 'application/pdf', json: 'application/json' } as const;

/** @throws Failure FILE_NOT_WRITABLE */
export const handOver = async (
  content: Uint8Array,
  about: { readonly name: string; readonly mediaType: string },
  to: HandOverTo,
  files: FilePort,
  options: { readonly isSecret?: boolean } = {},
): Promise<HandedOver> => {
  const common = { ...about, sizeBytes: content.length };
  if (to.kind === 'content') return { ...common, path: null, base64: Buffer.from(content).toString('base64') };
  await files.write(to.path, content, options);
  return { ...common, path: to.path, base64: null };
};
