import { known, unknownFact, type Fact } from '../../shared/model/fact.ts';
import type { HostFacts } from '../../shared/model/facts.ts';

/** Below this the kernel's total may be a machine with exactly 4 GB, of which firmware keeps a part. */
const askBelowBytes = 4n * 1024n * 1024n * 1024n;

/**
 * The memory modules are in DMI type 17, which needs a decoder that runs as root: systeminformation starts it. It takes
 * far longer than everything else together, so it is asked only where the kernel's total leaves the check open.
 */
export const completeMemory = async (facts: HostFacts): Promise<HostFacts> => {
  const { visibleBytes } = facts.memory;
  if (!visibleBytes.known || BigInt(visibleBytes.value) >= askBelowBytes) return facts;
  return { ...facts, memory: { ...facts.memory, installedBytes: await readModules() } };
};

const readModules = async (): Promise<Fact<string>> => {
  const name = 'DMI memory devices (sum)';
  try {
    const information = await import('systeminformation');
    const modules = await information.memLayout();
    // Without the decoder the library answers with one entry that repeats the total: that is no module.
    const sized = modules.filter((module) => module.size > 0 && module.type !== '' && module.type !== 'Unknown');
    const sum = sized.reduce((all, module) => all + BigInt(Math.trunc(module.size)), 0n);
    return sum > 0n
      ? known(String(sum), name, 'systeminformation')
      : unknownFact(name, 'notReported', 'The firmware lists no memory modules, or only root may read them.');
  } catch (error) {
    return unknownFact(name, 'notReadable', `The memory modules could not be read: ${String(error)}`);
  }
};
