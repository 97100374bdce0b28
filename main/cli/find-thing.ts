import type { Output } from '../../shared/contract/index.ts';
import { failure } from '../../shared/errors/failure.ts';
import { UsageError, type CliContext } from './context.ts';

type NicView = Output<'nic.list'>['nics'][number];
type DiskView = Output<'disk.list'>['disks'][number];

/** A NIC by its name, InterfaceGuid or burned-in address. Throws NIC_NOT_FOUND. */
export const findNic = async (context: CliContext, server: string, text: string): Promise<NicView> => {
  // Loaded with the schemas beside them, which a verb that names no adapter does without.
  const [{ normaliseMac }, { normaliseGuid }] = await Promise.all([
    import('../../shared/model/address.ts'),
    import('../../shared/model/nic.ts'),
  ]);
  const { nics } = await context.call('nic.list', { server });
  const guid = normaliseGuid(text);
  const mac = normaliseMac(text);
  const found = nics.filter(
    (nic) =>
      nic.name.toLowerCase() === text.toLowerCase() ||
      (guid !== null && nic.interfaceGuid === guid) ||
      (mac !== null && nic.permanentAddress === mac),
  );
  if (found.length === 0) throw failure('NIC_NOT_FOUND', { nic: text });
  if (found.length > 1) throw new UsageError(`${text} names ${found.length} adapters. Use the InterfaceGuid.`);
  return found[0]!;
};

/**
 * A disk by its unique id, serial number or, written with `#`, its number of the moment. Returns the unique id.
 * Throws DISK_NOT_FOUND, DISK_NO_IDENTITY.
 */
export const findDisk = async (context: CliContext, server: string, text: string): Promise<string> => {
  const { disks } = await context.call('disk.list', { server });
  const wanted = text.trim().toLowerCase();
  const isIt = (disk: DiskView): boolean =>
    wanted.startsWith('#')
      ? wanted === `#${disk.number}`
      : disk.uniqueId?.toLowerCase() === wanted || disk.serialNumber?.trim().toLowerCase() === wanted;
  const found = disks.filter(isIt);
  const [disk] = found;
  if (!disk) throw failure('DISK_NOT_FOUND', { disk: text });
  if (disk.uniqueId === null) throw failure('DISK_NO_IDENTITY', { number: disk.number });
  const ids = new Set(found.map((one) => one.uniqueId));
  if (ids.size > 1) throw new UsageError(`${text} names ${ids.size} disks. Use the unique id.`);
  return disk.uniqueId;
};

/** `ADDRESS`, `ADDRESS:PORT` or `[IPV6]:PORT`. */
export const parsePortal = (text: string): { targetPortalAddress: string; targetPortalPort: number } => {
  const match = /^\[([^\]]+)\](?::(\d+))?$/.exec(text) ?? /^([^:]+)(?::(\d+))?$/.exec(text);
  const address = match?.[1] ?? text;
  const port = match?.[2] === undefined ? 3260 : Number(match[2]);
  if (port < 1 || port > 65_535) throw new UsageError(`${text} has a port that does not exist.`);
  return { targetPortalAddress: address, targetPortalPort: port };
};

/** `on` or `off`. */
export const parseSwitch = (text: string): boolean => {
  if (text !== 'on' && text !== 'off') throw new UsageError(`"${text}" is neither "on" nor "off".`);
  return text === 'on';
};
