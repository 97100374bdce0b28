import { malformedData, needBytes } from './malformed.ts';

/** Asymmetric access states: SPC-4 section 6.37, state codes of section 5.15.2. */
export const ACCESS_STATES: Readonly<Record<number, string>> = {
  0x0: 'active/optimized',
  0x1: 'active/non-optimized',
  0x2: 'standby',
  0x3: 'unavailable',
  0x4: 'logical block dependent',
  0xe: 'offline',
  0xf: 'transitioning',
};

/** One target port group descriptor: SPC-4 section 6.37. */
export interface TargetPortGroup {
  readonly preferred: boolean;
  readonly accessState: number;
  /** Bits T_SUP, O_SUP, LBD_SUP, U_SUP, S_SUP, AN_SUP, AO_SUP as they come. */
  readonly supportedStates: number;
  readonly group: number;
  readonly statusCode: number;
  readonly relativeTargetPorts: readonly number[];
}

/** SPC-4 section 6.37, length only header (PARAMETER DATA FORMAT 000b). */
export const decodeTargetPortGroups = (data: Buffer): TargetPortGroup[] => {
  needBytes('REPORT TARGET PORT GROUPS', data, 4);
  const end = Math.min(data.length, 4 + data.readUInt32BE(0));
  const groups: TargetPortGroup[] = [];
  for (let at = 4; at < end;) {
    if (at + 8 > end) throw malformedData('REPORT TARGET PORT GROUPS', 'a group is cut short');
    const count = data[at + 7] ?? 0;
    if (at + 8 + 4 * count > end)
      throw malformedData('REPORT TARGET PORT GROUPS', 'a group has fewer ports than it says');
    const relativeTargetPorts: number[] = [];
    for (let port = 0; port < count; port++) relativeTargetPorts.push(data.readUInt16BE(at + 8 + 4 * port + 2));
    groups.push({
      preferred: ((data[at] ?? 0) & 0x80) !== 0,
      accessState: (data[at] ?? 0) & 0x0f,
      supportedStates: data[at + 1] ?? 0,
      group: data.readUInt16BE(at + 2),
      statusCode: data[at + 5] ?? 0,
      relativeTargetPorts,
    });
    at += 8 + 4 * count;
  }
  return groups;
};

/** The answer to REPORT TARGET PORT GROUPS. */
export const encodeTargetPortGroups = (groups: readonly TargetPortGroup[]): Buffer => {
  const body = Buffer.concat(
    groups.map((group) => {
      const one = Buffer.alloc(8 + 4 * group.relativeTargetPorts.length);
      one[0] = (group.preferred ? 0x80 : 0) | (group.accessState & 0x0f);
      one[1] = group.supportedStates;
      one.writeUInt16BE(group.group, 2);
      one[5] = group.statusCode;
      one[7] = group.relativeTargetPorts.length;
      group.relativeTargetPorts.forEach((port, i) => one.writeUInt16BE(port, 8 + 4 * i + 2));
      return one;
    }),
  );
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length, 0);
  return Buffer.concat([head, body]);
};
