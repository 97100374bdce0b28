import { cleanText, known, unknownFact, type Fact } from '../../shared/model/fact.ts';
import type { NicFacts } from '../../shared/model/facts.ts';
import type { NicKind } from '../../shared/model/facts-vocabulary.ts';
import type { LinuxTree } from './tree.ts';

const root = '/sys/class/net';

/** Buses on which only virtual machines have network cards. */
const virtualBuses = new Set(['virtio', 'vmbus', 'xen', 'xen-backend', 'vio', 'ibmveth', 'ccwgroup']);

const textOf = (tree: LinuxTree, path: string): string | null => {
  const read = tree.readText(path);
  return read.ok ? read.text.trim() : null;
};

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** `uevent` names what the kernel takes it for: wlan, wwan, bluetooth, bridge, bond, vlan ... */
const kindOf = (tree: LinuxTree, folder: string): Fact<NicKind> => {
  const deviceType = /^DEVTYPE=(.+)$/m.exec(textOf(tree, `${folder}/uevent`) ?? '')?.[1]?.trim();
  if (deviceType === 'wlan' || tree.exists(`${folder}/wireless`) || tree.exists(`${folder}/phy80211`))
    return known('wifi', 'DEVTYPE, phy80211', folder);
  if (deviceType === 'wwan') return known('mobile', 'DEVTYPE', folder);
  if (deviceType === 'bluetooth') return known('bluetooth', 'DEVTYPE', folder);
  const type = textOf(tree, `${folder}/type`);
  if (tree.exists(`${folder}/device`)) {
    // A virtual function is a slice of a port that is listed itself.
    if (tree.exists(`${folder}/device/physfn`)) return known('virtual', 'device/physfn', folder);
    const bus = tree.readLink(`${folder}/device/subsystem`);
    if (bus !== null && virtualBuses.has(baseName(bus))) return known('virtual', `bus ${baseName(bus)}`, folder);
    // ARPHRD_ETHER is 1 (linux/if_arp.h).
    return type === null || type === '1'
      ? known('ethernet', bus === null ? 'device' : `bus ${baseName(bus)}`, folder)
      : known('other', `type ${cleanText(type)}`, folder);
  }
  const link = tree.readLink(folder);
  if (link?.includes('/virtual/') === true || deviceType !== undefined || tree.isLive)
    return known('virtual', 'no device below it', folder);
  return unknownFact('device', 'notCollected', `The captured tree does not show what ${baseName(folder)} hangs on.`);
};

const readNic = (tree: LinuxTree, name: string): NicFacts => {
  const folder = `${root}/${name}`;
  const address = textOf(tree, `${folder}/address`);
  const carrier = textOf(tree, `${folder}/carrier`);
  const speed = textOf(tree, `${folder}/speed`);
  const driver = tree.readLink(`${folder}/device/driver`);
  return {
    name: cleanText(name),
    description: driver === null ? cleanText(name) : `${cleanText(name)}, driver ${cleanText(baseName(driver))}`,
    kind: kindOf(tree, folder),
    macAddress:
      address === null || address === ''
        ? unknownFact('address', 'notReported', `${folder}/address is not there.`)
        : known(cleanText(address).toUpperCase(), 'address', `${folder}/address`),
    // Reading carrier or speed of an interface that is down fails: nothing is said then.
    linkUp:
      carrier === '1' || carrier === '0'
        ? known(carrier === '1', 'carrier', `${folder}/carrier`)
        : unknownFact('carrier', 'notReported', `${folder}/carrier is not readable while the interface is down.`),
    speedBitsPerSecond:
      speed !== null && /^\d{1,9}$/.test(speed)
        ? known(String(BigInt(speed) * 1_000_000n), 'speed', `${folder}/speed`)
        : unknownFact('speed', 'notReported', `${folder}/speed is not known while there is no link.`),
  };
};

/** The network interfaces of /sys/class/net, without the loopback. */
export const readNics = (tree: LinuxTree): Fact<NicFacts[]> => {
  const names = tree.list(root);
  // Every running system has at least the loopback: an empty folder is a tree that was not captured.
  if (names === null || names.length === 0)
    return unknownFact(root, 'notCollected', `${root} is not in ${tree.isLive ? 'this system' : 'the captured tree'}.`);
  return known(
    names
      .filter((name) => name !== 'lo' && name !== 'bonding_masters')
      .sort()
      .map((name) => readNic(tree, name)),
    root,
    root,
  );
};
