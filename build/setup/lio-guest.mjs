// A guest whose kernel is an iSCSI target: Debian's own kernel with LIO, booted by QEMU without any virtualization of the machine. No kernel target
// can run on a development machine in a container; in a guest it can, and it is the target that most storage boxes are built on.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '.cache', 'lio');

/** The kernel modules that the guest loads, in this order; what they need is found by depmod. */
const modules = [
  'virtio_pci',
  'virtio_net',
  'crc32c_generic',
  'target_core_mod',
  'target_core_file',
  'target_core_iblock',
  'loop',
  'iscsi_target_mod',
];

/**
 * The first program of the guest. Its console says when it is ready; then the second serial port is a shell, one line a command, for whoever started
 * the guest. `pr` is where the kernel keeps registrations with APTPL: /var/target is its default, and Debian's tools name another folder.
 */
const init = `#!/bin/busybox sh
/bin/busybox mount -t proc p /proc; /bin/busybox mount -t sysfs s /sys; /bin/busybox mount -t devtmpfs d /dev; /bin/busybox --install -s /bin
for m in ${modules.join(' ')}; do modprobe $m; done
mount -t configfs c /sys/kernel/config
ip link set lo up; ip link set eth0 up
C=/sys/kernel/config/target
# unit NUMBER NAME MEBIBYTES SERIAL: a file-backed logical unit, all zeros.
unit() { truncate -s $3M /$2.img; mkdir -p $C/core/fileio_$1/$2; d=$C/core/fileio_$1/$2
  echo "fd_dev_name=/$2.img,fd_dev_size=$(($3*1048576)),fd_buffered_io=1" >$d/control; echo $4 >$d/wwn/vpd_unit_serial; echo 1 >$d/enable; }
# block NUMBER NAME MEBIBYTES SERIAL: the same over a block device, a loop device on a file.
block() { truncate -s $3M /$2.img; l=$(losetup -f); losetup $l /$2.img; mkdir -p $C/core/iblock_$1/$2; d=$C/core/iblock_$1/$2
  echo "udev_path=$l" >$d/control; echo $4 >$d/wwn/vpd_unit_serial; echo $l >$d/udev_path; echo 1 >$d/enable; }
# group TARGET TAG PORTAL...: a portal group that everybody may use.
group() { P=$C/iscsi/$1/tpgt_$2; mkdir -p $P; shift 2; for p in "$@"; do mkdir -p $P/np/$p; done
  echo 1 >$P/attrib/generate_node_acls; echo 0 >$P/attrib/demo_mode_write_protect; echo 0 >$P/attrib/authentication; echo 1 >$P/attrib/cache_dynamic_acls; }
# map TARGET TAG LUN BACKSTORE: BACKSTORE is such as fileio_0/disk.
map() { P=$C/iscsi/$1/tpgt_$2; mkdir -p $P/lun/lun_$3; ln -s $C/core/$4 $P/lun/lun_$3/store; }
serve() { echo 1 >$C/iscsi/$1/tpgt_$2/enable; }
# Held open from here on: the last close of a terminal throws away what has come in.
exec 3<>/dev/ttyS1
stty -F /dev/ttyS1 raw -echo
echo LIO-READY >/dev/ttyS0
while read -r line <&3; do eval "$line" >/tmp/out 2>&1 </dev/null; code=$?; cat /tmp/out >&3; echo "=$code=" >&3; done
poweroff -f
`;

const paths = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

const need = (command, args, options = {}) => {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024, env: paths, ...options });
  if (result.status !== 0)
    throw new Error(`${command} ${args.join(' ')}: ${(result.stderr || result.error?.message || '').trim()}`);
  return result.stdout;
};

/** What builds and runs the guest, each with its Debian package. */
const programs = [
  ['qemu-system-x86_64', 'qemu-system-x86'],
  ['/bin/busybox', 'busybox-static'],
  ['cpio', 'cpio'],
  ['depmod', 'kmod'],
  ['xz', 'xz-utils'],
];

/** The Debian packages that are missing for the guest. */
export const missingLioPackages = () =>
  programs
    .filter(([program = '']) => spawnSync('sh', ['-c', `command -v ${program}`], { env: paths }).status !== 0)
    .map(([, name]) => name);

/** The package that Debian's linux-image-amd64 stands for at the moment. */
const kernelPackage = () => {
  const name = /linux-image-[0-9][^\s]+/.exec(need('apt-cache', ['depends', 'linux-image-amd64']))?.[0];
  if (!name) throw new Error('apt knows no kernel (linux-image-amd64)');
  return name;
};

/**
 * The kernel as QEMU starts it at once (PVH), out of the file that unpacks itself: without virtualization that takes more than a third of a boot. The
 * file is returned as it is where it is packed otherwise than Debian packs it. Offsets: Documentation/arch/x86/boot.rst of Linux.
 * @param {Buffer} packed
 */
const unpackKernel = (packed) => {
  const from = (packed[0x1f1] + 1) * 512 + packed.readUInt32LE(0x248);
  // The last four bytes are the length of what comes out.
  const payload = packed.subarray(from, from + packed.readUInt32LE(0x24c) - 4);
  if (!payload.subarray(0, 6).equals(Buffer.from('\xfd7zXZ\0', 'latin1'))) return packed;
  return need('xz', ['-dc'], { input: payload, encoding: 'buffer' });
};

const build = (into) => {
  const work = mkdtempSync(join(folder, 'building-'));
  try {
    need('apt-get', ['download', '-qq', kernelPackage()], { cwd: work });
    const deb = readdirSync(work).find((name) => name.endsWith('.deb'));
    if (!deb) throw new Error('apt-get download brought no package');
    const unpacked = join(work, 'kernel');
    need('dpkg-deb', ['-x', join(work, deb), unpacked]);
    const [release = ''] = readdirSync(join(unpacked, 'lib', 'modules'));
    need('depmod', ['-b', unpacked, release]);
    const from = join(unpacked, 'lib', 'modules', release);
    const tree = join(work, 'tree');
    for (const one of ['bin', 'dev', 'proc', 'sys', 'tmp', 'var/target/pr', 'var/target/alua', 'etc/rtslib-fb-target'])
      mkdirSync(join(tree, one), { recursive: true });
    cpSync('/bin/busybox', join(tree, 'bin', 'busybox'), { dereference: true });
    const needs = new Map(
      readFileSync(join(from, 'modules.dep'), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => {
          const [file = '', rest = ''] = line.split(':');
          return [file, rest.trim().split(/\s+/).filter(Boolean)];
        }),
    );
    for (const [file, more] of needs) {
      if (!modules.some((name) => file.endsWith(`/${name}.ko`))) continue;
      for (const one of [file, ...more]) {
        const to = join(tree, 'lib', 'modules', release, one);
        mkdirSync(dirname(to), { recursive: true });
        cpSync(join(from, one), to);
      }
    }
    for (const one of ['modules.builtin', 'modules.order'])
      cpSync(join(from, one), join(tree, 'lib', 'modules', release, one));
    need('depmod', ['-b', tree, release]);
    writeFileSync(join(tree, 'init'), init, { mode: 0o755 });
    const made = join(work, 'guest');
    mkdirSync(made);
    need('sh', ['-c', `find . | cpio -o -H newc --quiet | gzip -1 >"$0"`, join(made, 'initrd')], { cwd: tree });
    writeFileSync(join(made, 'kernel'), unpackKernel(readFileSync(join(unpacked, 'boot', `vmlinuz-${release}`))));
    writeFileSync(join(made, 'version'), `${need('dpkg-deb', ['-f', join(work, deb), 'Version']).trim()}\n`);
    renameSync(made, into);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
};

/**
 * Kernel and first file system of the guest, made once from Debian's packages and kept.
 * @returns {{ kernel: string, initrd: string, version: string } | { missing: string }} version: of Debian's kernel package
 */
export const ensureLioGuest = () => {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return { missing: 'its kernel is one for x64, run by a Linux' };
  const gone = missingLioPackages();
  if (gone.length > 0) return { missing: `the Debian packages ${gone.join(' ')} are not installed` };
  // A kernel that was kept as another form of this file made it is made anew.
  const key = createHash('sha256').update(init).update(String(unpackKernel)).digest('hex').slice(0, 16);
  const into = join(folder, key);
  try {
    if (!existsSync(into)) {
      mkdirSync(folder, { recursive: true });
      build(into);
    }
  } catch (error) {
    return {
      missing: `Debian's kernel could not be fetched or unpacked (${error instanceof Error ? error.message : error})`,
    };
  }
  return {
    kernel: join(into, 'kernel'),
    initrd: join(into, 'initrd'),
    version: readFileSync(join(into, 'version'), 'utf8').trim(),
  };
};
