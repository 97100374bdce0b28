import { judgeContent, type Disk, type DiskContent } from '../../model/disk.ts';
import { diskName, foundText } from '../../plan/disk/words.ts';
import type { StorageObserved } from '../../plan/observed.ts';
import type { Objection } from '../kind.ts';
import { diskOf } from './disk.ts';

/** The last look before something is written to a disk, whatever was planned: what is found there, where it is in the way. */
export const objectTo = (
  observed: StorageObserved,
  id: string,
  isInTheWay: (disk: Disk, content: DiskContent) => boolean,
): Objection | null => {
  const disk = diskOf(observed, id);
  if (!disk) return { disk: id, content: 'it is not there any more' };
  const content = judgeContent(disk);
  return isInTheWay(disk, content) ? { disk: diskName(disk), content: foundText(disk, content) } : null;
};
