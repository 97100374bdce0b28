import { initiatorNameSchema } from '../../../shared/model/initiator-name.ts';
import { parseSize } from '../../../shared/model/size.ts';
import { UsageError } from '../context.ts';

/* Values of the options of `quorate storage-host`. */

export const bytesOf = (text: string, option: string): number => {
  const size = parseSize(text);
  if (size === null || size % (1024n * 1024n) !== 0n || size > BigInt(Number.MAX_SAFE_INTEGER))
    throw new UsageError(`${option} is a size in whole MiB, such as 512M or 100G.`);
  return Number(size);
};

/** `witness=512M`: the name of the file without its ending, and the size. */
export const diskOf = (text: string): { readonly name: string; readonly sizeBytes: number } => {
  const match = /^([^\\/:*?"<>|[\]=]{1,60})=(\S+)$/.exec(text);
  if (!match) throw new UsageError(`--disk ${text}: give a name and a size, such as witness=512M.`);
  const [, name = '', size = ''] = match;
  return { name: name.replace(/\.vhdx$/i, ''), sizeBytes: bytesOf(size, `--disk ${name}`) };
};

export const initiatorOf = (text: string): string => {
  const [problem] = initiatorNameSchema.safeParse(text).error?.issues ?? [];
  if (problem) throw new UsageError(`--initiator ${text}: give ${problem.message}.`);
  return text;
};
