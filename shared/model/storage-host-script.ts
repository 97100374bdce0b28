import * as z from 'zod';
import { formatSize } from './size.ts';

/** Targets of Linux that a script is written for: the kernel's own (LIO, by configfs) and tgt (by tgtadm). */
export const linuxTargetKinds = ['lio', 'tgt'] as const;
export type LinuxTargetKind = (typeof linuxTargetKinds)[number];

const safe = /^[A-Za-z0-9._:-]+$/;

export const linuxStorageSchema = z.object({
  kind: z.enum(linuxTargetKinds),
  /** The target's iSCSI name. */
  target: z
    .string()
    .max(223)
    .regex(/^iqn\.\d{4}-\d{2}\.[A-Za-z0-9.:-]+$/, { error: 'an iSCSI name such as iqn.2026-01.example.lab:cluster1' }),
  /** The folder of the files that hold the disks. */
  folder: z.string().regex(/^\/[A-Za-z0-9._/-]*$/, { error: 'a whole path such as /srv/iscsi' }),
  disks: z
    .array(
      z.object({
        name: z.string().max(60).regex(safe, { error: 'letters, digits, dots, hyphens and underscores' }),
        sizeBytes: z
          .number()
          .int()
          .positive()
          .multipleOf(1024 * 1024),
      }),
    )
    .min(1)
    .max(64),
  initiators: z
    .array(z.string().max(223).regex(safe, { error: 'an iSCSI name such as iqn.1991-05.com.microsoft:node1' }))
    .min(1)
    .max(64),
  portals: z
    .array(z.object({ address: z.string().regex(/^[0-9A-Fa-f.:]+$/), port: z.number().int().min(1).max(65_535) }))
    .min(1)
    .max(16),
  /** The name that logons prove themselves with; null: none. The secret is asked for when the script runs. */
  chapUser: z.string().max(255).regex(safe, { error: 'letters, digits, dots, hyphens and underscores' }).nullable(),
});
export type LinuxStorage = z.infer<typeof linuxStorageSchema>;

/**
 * The serial number of a disk: 32 hexadecimal digits that differ in the first ones already. The kernel's target cuts the disk's NAA identity from
 * the first 25 (target_core_spc.c, spc_parse_naa_6h_vendor_specific), so that serials that differ at their end alone give two disks one identity.
 */
export const serialOf = (target: string, name: string): string => {
  // FNV-1a, four times with another start: it only has to differ, and to be the same each time.
  const part = (start: number): string => {
    let hash = start;
    for (const letter of `${target}/${name}`) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
    return (hash >>> 0).toString(16).padStart(8, '0');
  };
  return [0x811c9dc5, 0x01234567, 0x89abcdef, 0x2468ace1].map(part).join('');
};

const mebibytes = (bytes: number): number => bytes / 1024 / 1024;
const portalText = ({ address, port }: LinuxStorage['portals'][number]): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port}`;

const head = ({ kind, target, disks, initiators, portals, chapUser }: LinuxStorage): string[] => [
  '#!/bin/sh',
  `# Offers ${disks.length} ${disks.length === 1 ? 'disk' : 'disks'} at ${target} (${kind === 'lio' ? "the kernel's own target" : 'tgt'}) to exactly ${initiators.length} ${initiators.length === 1 ? 'initiator' : 'initiators'}.`,
  '# Read it before you run it as root. What is there already is left as it is: no file is shortened or written over.',
  ...disks.map(
    ({ name, sizeBytes }, lun) =>
      `#   LUN ${kind === 'lio' ? lun : lun + 1}: ${name}, ${formatSize(sizeBytes)}, a sparse file that grows as it is written`,
  ),
  ...initiators.map((name) => `#   admits ${name}`),
  `#   listens at ${portals.map(portalText).join(', ')}${chapUser === null ? ', without CHAP' : `, with CHAP as ${chapUser}`}`,
  'set -eu',
  '',
];

const askSecret = ({ chapUser }: LinuxStorage): string[] =>
  chapUser === null
    ? []
    : [
        '# The secret is in no file and in no list of processes: it is read from the terminal, or from standard input.',
        "printf 'CHAP secret (12 to 16 characters, as Windows takes it): ' >&2",
        'IFS= read -r SECRET',
        'case ${#SECRET} in 12|13|14|15|16) ;; *) echo "The secret has ${#SECRET} characters; Windows takes 12 to 16." >&2; exit 1 ;; esac',
        '',
      ];

const makeFiles = ({ folder, disks }: LinuxStorage): string[] => [
  `mkdir -p ${folder}`,
  ...disks.flatMap(({ name, sizeBytes }) => [
    `[ -e ${folder}/${name}.img ] || truncate -s ${mebibytes(sizeBytes)}M ${folder}/${name}.img`,
  ]),
  '',
];

const lioScript = (wanted: LinuxStorage): string[] => {
  const { target, folder, disks, initiators, portals, chapUser } = wanted;
  return [
    'modprobe target_core_mod',
    'modprobe target_core_file',
    'modprobe iscsi_target_mod',
    'C=/sys/kernel/config/target',
    '[ -d /sys/kernel/config/target ] || mount -t configfs configfs /sys/kernel/config 2>/dev/null || true',
    '# Registrations that outlive a loss of power (APTPL) are kept below dbroot; without the folder they are refused.',
    'mkdir -p "$(cat $C/dbroot)/pr" "$(cat $C/dbroot)/alua"',
    ...disks.flatMap(({ name, sizeBytes }, index) => {
      const store = `$C/core/fileio_${index}/${name}`;
      return [
        '',
        `if [ ! -d ${store} ]; then`,
        `  mkdir -p ${store}`,
        `  echo "fd_dev_name=${folder}/${name}.img,fd_dev_size=${sizeBytes}" >${store}/control`,
        `  echo ${serialOf(target, name)} >${store}/wwn/vpd_unit_serial`,
        `  echo 1 >${store}/enable`,
        'fi',
      ];
    }),
    '',
    `P=$C/iscsi/${target}/tpgt_1`,
    'mkdir -p $P',
    ...disks.flatMap(({ name }, index) => [
      `mkdir -p $P/lun/lun_${index}`,
      `[ -e $P/lun/lun_${index}/${name} ] || ln -s $C/core/fileio_${index}/${name} $P/lun/lun_${index}/${name}`,
    ]),
    '# Nobody else: no node ACL is made for a name that is not in this list.',
    'echo 0 >$P/attrib/generate_node_acls',
    `echo ${chapUser === null ? 0 : 1} >$P/attrib/authentication`,
    ...initiators.flatMap((initiator) => [
      `mkdir -p $P/acls/${initiator}`,
      ...disks.flatMap((_disk, index) => [
        `[ -d $P/acls/${initiator}/lun_${index} ] || { mkdir $P/acls/${initiator}/lun_${index} && ln -s $P/lun/lun_${index} $P/acls/${initiator}/lun_${index}/mapped; }`,
        `echo 0 >$P/acls/${initiator}/lun_${index}/write_protect`,
      ]),
      ...(chapUser === null
        ? []
        : [
            `printf '%s' ${chapUser} >$P/acls/${initiator}/auth/userid`,
            `printf '%s' "$SECRET" >$P/acls/${initiator}/auth/password`,
          ]),
    ]),
    ...portals.map((portal) => `mkdir -p "$P/np/${portalText(portal)}"`),
    'echo 1 >$P/enable',
    '',
    '# After a restart this is gone: run the script again at each start, or save it with "targetcli saveconfig".',
  ];
};

const tgtScript = (wanted: LinuxStorage): string[] => {
  const { target, folder, disks, initiators, portals, chapUser } = wanted;
  return [
    'T=${TGT_CONTROL_PORT:-0}',
    'admin() { tgtadm --control-port "$T" --lld iscsi "$@"; }',
    "TID=$(admin --op show --mode target | sed -n 's/^Target \\([0-9]*\\): " +
      target.replaceAll('.', '\\.') +
      "$/\\1/p')",
    'if [ -z "$TID" ]; then',
    "  TID=$(admin --op show --mode target | sed -n 's/^Target \\([0-9]*\\):.*/\\1/p' | sort -n | tail -1)",
    '  TID=$(( ${TID:-0} + 1 ))',
    `  admin --op new --mode target --tid "$TID" --targetname ${target}`,
    'fi',
    'STATE=$(admin --op show --mode target)',
    ...disks.flatMap(({ name }, index) => {
      const serial = serialOf(target, name);
      return [
        '',
        `if ! echo "$STATE" | grep -q 'Backing store path: ${folder}/${name}\\.img$'; then`,
        `  admin --op new --mode logicalunit --tid "$TID" --lun ${index + 1} --backing-store ${folder}/${name}.img`,
        '  # The serial number has 20 letters at most; the identity of page 83h is scsi_id.',
        `  admin --op update --mode logicalunit --tid "$TID" --lun ${index + 1} --params scsi_sn=${serial.slice(0, 20)},scsi_id=${serial.slice(0, 24)}`,
        'fi',
      ];
    }),
    '',
    '# Nobody else: "ALL" is taken away where somebody gave it.',
    'admin --op unbind --mode target --tid "$TID" --initiator-address ALL 2>/dev/null || true',
    ...initiators.map(
      (initiator) => `admin --op bind --mode target --tid "$TID" --initiator-name ${initiator} 2>/dev/null || true`,
    ),
    ...(chapUser === null
      ? []
      : [
          `admin --op new --mode account --user ${chapUser} --password "$SECRET" 2>/dev/null || true`,
          `admin --op bind --mode account --tid "$TID" --user ${chapUser} 2>/dev/null || true`,
        ]),
    ...portals.map(
      (portal) =>
        `admin --op show --mode portal | grep -q '^Portal: ${portalText(portal).replaceAll('.', '\\.').replaceAll('[', '\\[').replaceAll(']', '\\]')},' || admin --op new --mode portal --param portal=${portalText(portal)}`,
    ),
    '',
    '# After a restart of tgtd this is gone: run the script again, or write it to /etc/tgt/conf.d with "tgt-admin --dump".',
  ];
};

/** A shell script, to be read and run as root, that makes what Windows' storage host would. It is the same each time. */
export const linuxStorageScript = (wanted: LinuxStorage): string =>
  [
    ...head(wanted),
    ...askSecret(wanted),
    ...makeFiles(wanted),
    ...(wanted.kind === 'lio' ? lioScript(wanted) : tgtScript(wanted)),
    '',
  ].join('\n');
