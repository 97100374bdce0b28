import type { FileInput } from '../../shared/contract/readiness.ts';
import { call, isDesktop } from './core.ts';

export interface Filter {
  readonly name: string;
  readonly extensions: readonly string[];
}

/** Base64 of bytes, in pieces that fit on the stack. */
export const toBase64 = (bytes: Uint8Array): string => {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
};

const fromBase64 = (base64: string): Uint8Array<ArrayBuffer> => {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
};

/** A file with the name to show for it. */
export interface ChosenFile {
  readonly name: string;
  readonly input: FileInput;
}

const baseName = (path: string): string => path.split(/[\\/]/).pop() ?? path;

const readUpload = async (file: File): Promise<ChosenFile> => ({
  name: file.name,
  input: { kind: 'content', name: file.name, base64: toBase64(new Uint8Array(await file.arrayBuffer())) },
});

/** The browser's own chooser, on the loopback page. Nothing comes back when it is closed without a choice. */
const chooseUpload = (several: boolean, filter: Filter): Promise<ChosenFile[]> =>
  new Promise((resolve, reject) => {
    const field = document.createElement('input');
    field.type = 'file';
    field.multiple = several;
    field.accept = filter.extensions.map((extension) => `.${extension}`).join(',');
    field.addEventListener('cancel', () => resolve([]));
    field.addEventListener('change', () => {
      Promise.all([...(field.files ?? [])].map(readUpload)).then(resolve, reject);
    });
    field.click();
  });

/** Lets a person choose files: by path in the desktop host, by their content in a browser. */
export const chooseFiles = async (title: string, filter: Filter, several: boolean): Promise<ChosenFile[]> => {
  if (!isDesktop()) return chooseUpload(several, filter);
  const { paths } = await call('files.chooseOpen', {
    title,
    several,
    filters: [{ name: filter.name, extensions: [...filter.extensions] }],
  });
  return paths.map((path) => ({ name: baseName(path), input: { kind: 'path', path } }));
};

/** Where to write a file; null when the person closed the dialog. On the loopback page the browser decides. */
export const chooseDestination = async (
  title: string,
  suggestedName: string,
  filter: Filter,
): Promise<{ kind: 'path'; path: string } | { kind: 'content' } | null> => {
  if (!isDesktop()) return { kind: 'content' };
  const { path } = await call('files.chooseSave', {
    title,
    suggestedName,
    filters: [{ name: filter.name, extensions: [...filter.extensions] }],
  });
  return path === null ? null : { kind: 'path', path };
};

/** A folder of this machine; null when the person closed the dialog, or where there is none (a browser). */
export const chooseFolder = async (title: string): Promise<string | null> =>
  isDesktop() ? (await call('files.chooseFolder', { title })).path : null;

/** Hands bytes to the browser, which saves them where it saves downloads. */
export const download = (name: string, mediaType: string, base64: string): void => {
  const address = URL.createObjectURL(new Blob([fromBase64(base64)], { type: mediaType }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
};
