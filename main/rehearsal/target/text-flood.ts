import type { TextPair } from '../../iscsi/index.ts';

const floodBytes = 16 * 1024 * 1024;
const floodValueBytes = 200;

/** The answer to SendTargets of the fault `text-flood`: names without end. */
export const flood = (): TextPair[] => {
  const pairs: TextPair[] = [];
  const padding = 'x'.repeat(floodValueBytes - 40);
  for (let bytes = 0, index = 0; bytes < floodBytes; bytes += floodValueBytes, index++) {
    pairs.push(['TargetName', `iqn.2026-01.example.quorate:${index}-${padding}`]);
  }
  return pairs;
};
