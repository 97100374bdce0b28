import { malformedData, needBytes } from './malformed.ts';

/** One mode page. */
export interface ModePage {
  readonly pageCode: number;
  readonly subpageCode: number;
  /** The page without its header. */
  readonly bytes: Buffer;
}

/** Mode parameters of a block device: SPC-4 section 7.5, SBC-3 section 6.5. */
export interface ModeParameters {
  readonly mediumType: number;
  /** WP of the device-specific parameter: SBC-3 section 6.5.1. */
  readonly writeProtected: boolean;
  readonly dpoFua: boolean;
  readonly pages: readonly ModePage[];
}

/** The caching page, 08h: SBC-3 section 6.5.5. */
export const MODE_PAGE = { caching: 0x08, control: 0x0a, all: 0x3f } as const;

const decodePages = (data: Buffer, start: number, end: number): ModePage[] => {
  const pages: ModePage[] = [];
  for (let at = start; at + 2 <= end;) {
    const first = data[at] ?? 0;
    const isSubpage = (first & 0x40) !== 0; // SPF
    const head = isSubpage ? 4 : 2;
    if (at + head > end) break;
    const length = isSubpage ? data.readUInt16BE(at + 2) : (data[at + 1] ?? 0);
    // A page may be cut by the allocation length: what is there is given.
    const stop = Math.min(end, at + head + length);
    pages.push({
      pageCode: first & 0x3f,
      subpageCode: isSubpage ? (data[at + 1] ?? 0) : 0,
      bytes: Buffer.from(data.subarray(at + head, stop)),
    });
    at += head + length;
  }
  return pages;
};

/** Throws DATA_MALFORMED. */
export const decodeModeSense6 = (data: Buffer): ModeParameters => {
  needBytes('MODE SENSE (6)', data, 4);
  const end = Math.min(data.length, 1 + (data[0] ?? 0));
  const start = 4 + (data[3] ?? 0);
  if (start > Math.max(end, 4)) throw malformedData('MODE SENSE (6)', 'the block descriptors are longer than the data');
  return {
    mediumType: data[1] ?? 0,
    writeProtected: ((data[2] ?? 0) & 0x80) !== 0,
    dpoFua: ((data[2] ?? 0) & 0x10) !== 0,
    pages: decodePages(data, start, end),
  };
};

/** Throws DATA_MALFORMED. */
export const decodeModeSense10 = (data: Buffer): ModeParameters => {
  needBytes('MODE SENSE (10)', data, 8);
  const end = Math.min(data.length, 2 + data.readUInt16BE(0));
  const start = 8 + data.readUInt16BE(6);
  if (start > Math.max(end, 8))
    throw malformedData('MODE SENSE (10)', 'the block descriptors are longer than the data');
  return {
    mediumType: data[2] ?? 0,
    writeProtected: ((data[3] ?? 0) & 0x80) !== 0,
    dpoFua: ((data[3] ?? 0) & 0x10) !== 0,
    pages: decodePages(data, start, end),
  };
};

const encodePages = (pages: readonly ModePage[]): Buffer =>
  Buffer.concat(
    pages.flatMap((page) => {
      if (page.subpageCode === 0) return [Buffer.from([page.pageCode & 0x3f, page.bytes.length]), page.bytes];
      const head = Buffer.from([0x40 | (page.pageCode & 0x3f), page.subpageCode, 0, 0]);
      head.writeUInt16BE(page.bytes.length, 2);
      return [head, page.bytes];
    }),
  );

const deviceSpecific = (mode: ModeParameters): number => (mode.writeProtected ? 0x80 : 0) | (mode.dpoFua ? 0x10 : 0);

/** Without block descriptors. */
export const encodeModeSense6 = (mode: ModeParameters): Buffer => {
  const pages = encodePages(mode.pages);
  return Buffer.concat([Buffer.from([3 + pages.length, mode.mediumType, deviceSpecific(mode), 0]), pages]);
};

/** The answer to MODE SENSE (10), without block descriptors. */
export const encodeModeSense10 = (mode: ModeParameters): Buffer => {
  const pages = encodePages(mode.pages);
  const head = Buffer.alloc(8);
  head.writeUInt16BE(6 + pages.length, 0);
  head[2] = mode.mediumType;
  head[3] = deviceSpecific(mode);
  return Buffer.concat([head, pages]);
};

/** WCE of the caching page: does the device cache writes? Undefined without the page. */
export const readWriteCacheEnabled = (mode: ModeParameters): boolean | undefined => {
  const page = mode.pages.find((p) => p.pageCode === MODE_PAGE.caching && p.subpageCode === 0);
  return page === undefined || page.bytes.length < 1 ? undefined : ((page.bytes[0] ?? 0) & 0x04) !== 0;
};
