import { closeSync, existsSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Change } from './change.ts';
import type { LunState, PartitionState, WorldState } from './state.ts';

const sectorBytes = 512;

/**
 * The bytes of the shared LUNs, one sparse file each. Windows' changes leave their marks in them (a partition table, a
 * file system), so that an initiator that looks over iSCSI sees that the disk is not blank; a served target writes to the
 * same files.
 */
export class LunBytes {
  readonly folder: string;
  readonly #open = new Map<string, number>();

  constructor(folder: string) {
    this.folder = folder;
  }

  fileOf(lun: string): string {
    return join(this.folder, `${lun}.img`);
  }

  /** Makes the files of all LUNs, sparse and of full size. */
  ensure(world: WorldState): void {
    for (const lun of Object.values(world.luns)) {
      const isNew = !existsSync(this.fileOf(lun.id));
      const handle = this.#handle(lun.id, lun.sizeBytes);
      // A LUN that was extended.
      if (fstatSync(handle).size < Number(lun.sizeBytes)) ftruncateSync(handle, Number(lun.sizeBytes));
      // A disk that had another life before the rehearsal shows it to an initiator as well.
      if (isNew && lun.content.style !== 'raw') this.#mark(lun);
    }
  }

  write(world: WorldState, writes: Change['lunWrites']): void {
    for (const { lun: id, kind } of writes) {
      const lun = world.luns[id];
      if (!lun) continue;
      const handle = this.#handle(id, lun.sizeBytes);
      if (kind === 'clear') {
        writeSync(handle, Buffer.alloc(1024 * 1024), 0, 1024 * 1024, 0);
      } else if (kind === 'initialize') {
        writeSync(handle, partitionTable(lun.content.style), 0, 2 * sectorBytes, 0);
      } else {
        for (const partition of lun.content.partitions) {
          const system = partition.volume?.fileSystem;
          if (system) writeSync(handle, bootSector(system), 0, sectorBytes, Number(partition.offsetBytes));
        }
      }
    }
  }

  #mark(lun: LunState): void {
    const handle = this.#handle(lun.id, lun.sizeBytes);
    const { style, partitions } = lun.content;
    writeSync(handle, partitionTable(style, style === 'mbr' ? partitions : []), 0, 2 * sectorBytes, 0);
    for (const partition of partitions) {
      const system = partition.volume?.fileSystem;
      if (system) writeSync(handle, bootSector(system), 0, sectorBytes, Number(partition.offsetBytes));
    }
  }

  /** Is every byte of the first MiB zero? */
  isBlank(lun: string, sizeBytes: string): boolean {
    const bytes = Buffer.alloc(1024 * 1024);
    readSync(this.#handle(lun, sizeBytes), bytes, 0, bytes.length, 0);
    return bytes.every((byte) => byte === 0);
  }

  async close(): Promise<void> {
    for (const handle of this.#open.values()) closeSync(handle);
    this.#open.clear();
  }

  #handle(lun: string, sizeBytes: string): number {
    const known = this.#open.get(lun);
    if (known !== undefined) return known;
    mkdirSync(this.folder, { recursive: true });
    const handle = openSync(this.fileOf(lun), 'a+', 0o600);
    closeSync(handle);
    const writable = openSync(this.fileOf(lun), 'r+', 0o600);
    ftruncateSync(writable, Number(sizeBytes));
    this.#open.set(lun, writable);
    return writable;
  }
}

/** A protective MBR with a GPT header, or an MBR with the types of its partitions (UEFI 2.10, sections 5.2.1, 5.2.3 and 5.3.2). */
const partitionTable = (style: string, partitions: readonly PartitionState[] = []): Buffer => {
  const bytes = Buffer.alloc(2 * sectorBytes);
  bytes.writeUInt16LE(0xaa55, 510);
  partitions.forEach(({ mbrType }, at) => bytes.writeUInt8(mbrType ?? 0, 450 + 16 * at));
  if (style === 'gpt') {
    bytes.writeUInt8(0xee, 450);
    bytes.write('EFI PART', sectorBytes, 'latin1');
  }
  return bytes;
};

const bootSector = (fileSystem: string): Buffer => {
  const bytes = Buffer.alloc(sectorBytes);
  bytes.write(fileSystem === 'NTFS' ? 'NTFS    ' : 'ReFS\0\0\0\0', 3, 'latin1');
  bytes.writeUInt16LE(0xaa55, 510);
  return bytes;
};
