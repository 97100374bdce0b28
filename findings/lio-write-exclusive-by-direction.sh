#!/bin/bash
# LIO: Write Exclusive is judged by the direction of the data, so that SYNCHRONIZE CACHE is let through and VERIFY with data is refused.
#
# Versions: Linux 6.1.192-2 (Debian linux-image-6.1.0-56-amd64, target_core_mod, iscsi_target_mod) in a QEMU guest; initiator libiscsi 1.19.0-3.
# Input:    one initiator holds a persistent reservation. Another, which is not registered, sends READ (10), WRITE (10), SYNCHRONIZE CACHE (10), VERIFY (10)
#           that compares with the medium (BYTCHK 0) and VERIFY (10) that compares with data it sends (BYTCHK 1). Once each under Write Exclusive and
#           under Write Exclusive - Registrants Only; to compare, under Exclusive Access.
# Expected: under both kinds of Write Exclusive WRITE and SYNCHRONIZE CACHE conflict, READ and VERIFY are allowed, with BYTCHK or without; under
#           Exclusive Access all conflict (SBC-3, 4.17, table of the commands that are allowed in the presence of reservations; as early as SPC-2,
#           tables B.1 and B.2).
# Seen:     under Write Exclusive whatever sends no data is GOOD and whatever sends some conflicts, whether it writes or not. Who asks with SYNCHRONIZE
#           CACHE whether a reservation is enforced, because it harms nothing, is told that it is not; who compares a copy is refused.
#           (drivers/target/target_core_pr.c: beyond a list of commands the check looks at the direction of the transfer.)
# Output:
#   Write Exclusive: READ: GOOD
#   Write Exclusive: WRITE: RESERVATION CONFLICT
#   Write Exclusive: SYNCHRONIZE CACHE: GOOD
#   Write Exclusive: VERIFY, BYTCHK 0: GOOD
#   Write Exclusive: VERIFY, BYTCHK 1: RESERVATION CONFLICT
#   Write Exclusive - Registrants Only: READ: GOOD
#   Write Exclusive - Registrants Only: WRITE: RESERVATION CONFLICT
#   Write Exclusive - Registrants Only: SYNCHRONIZE CACHE: GOOD
#   Write Exclusive - Registrants Only: VERIFY, BYTCHK 0: GOOD
#   Write Exclusive - Registrants Only: VERIFY, BYTCHK 1: RESERVATION CONFLICT
#   Exclusive Access: READ: RESERVATION CONFLICT
#   Exclusive Access: WRITE: RESERVATION CONFLICT
#   Exclusive Access: SYNCHRONIZE CACHE: RESERVATION CONFLICT
#   Exclusive Access: VERIFY, BYTCHK 0: RESERVATION CONFLICT
#   Exclusive Access: VERIFY, BYTCHK 1: RESERVATION CONFLICT
#
# Exit: 0 as described, 1 changed, 2 could not be run.
set -u
T=$(mktemp -d) || exit 2
P=
trap '[ -z "$P" ] || { kill "$P"; wait "$P"; } 2>/dev/null; rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
cannot() { echo "could not be run: $*" >&2; exit 2; }
verdict() {
  cat "$T/seen"
  if diff "$T/expected" "$T/seen" >"$T/diff"; then echo "As described above."; exit 0; fi
  echo "Changed (< as described, > now):"; cat "$T/diff"; exit 1
}
# debs PACKAGE=VERSION...: unpacks those that are not installed in just this version, with what they need, below $T/root.
debs() {
  local packages="$*"
  mkdir -p "$T/debs/partial" "$T/root"
  set -- apt-get install -y -qq --no-install-recommends --allow-downgrades --download-only -o Debug::NoLocking=1 -o Dir::Cache::archives="$T/debs" "$@"
  "$@" >"$T/apt" 2>&1 || { apt-get update -qq >/dev/null 2>&1; "$@" >"$T/apt" 2>&1; } || cannot "$(tail -n 2 "$T/apt")"
  printf 'Packages: %s\n' "$packages"
  for deb in "$T"/debs/*.deb; do [ ! -f "$deb" ] || dpkg -x "$deb" "$T/root" || cannot "$deb"; done
  export PATH="$T/root/usr/sbin:$T/root/usr/bin:$T/root/sbin:$T/root/bin:$PATH:/usr/sbin:/sbin"
  export LD_LIBRARY_PATH="$T/root/usr/lib/x86_64-linux-gnu:$T/root/lib/x86_64-linux-gnu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
}
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
[ "$(uname -sm)" = "Linux x86_64" ] || cannot "needs Linux on x86_64"
for command in apt-get dpkg python3; do command -v "$command" >/dev/null || cannot "$command is missing"; done
# A session of libiscsi: its initiator name, and its ISID (type "random": 80h, three bytes RND, two bytes QUALIFIER).
cat >"$T/initiator.py" <<'PY'
from ctypes import *
lib = CDLL('libiscsi.so.7')
for name in ('iscsi_create_context', 'iscsi_persistent_reserve_out_sync', 'iscsi_persistent_reserve_in_sync', 'iscsi_write10_sync', 'iscsi_testunitready_sync', 'scsi_datain_unmarshall'):
    getattr(lib, name).restype = c_void_p
lib.iscsi_get_error.restype = c_char_p
class Parameters(Structure): _fields_ = [('key', c_uint64), ('action_key', c_uint64), ('spec_i_pt', c_uint8), ('all_tg_pt', c_uint8), ('aptpl', c_uint8)]
class Sense(Structure): _fields_ = [('error', c_uint8), ('key', c_int), ('ascq', c_int), ('more', c_uint8 * 16)]
class Task(Structure): _fields_ = [('status', c_int), ('cdb_size', c_int), ('direction', c_int), ('length', c_int), ('cdb', c_uint8 * 16), ('residual_status', c_int), ('residual', c_size_t), ('sense', Sense)]
class Keys(Structure): _fields_ = [('generation', c_uint32), ('length', c_int), ('count', c_int), ('keys', c_uint64 * 64)]
class Reservation(Structure): _fields_ = [('generation', c_uint32), ('length', c_int), ('reserved', c_int), ('key', c_uint64)]
REGISTER, RESERVE, RELEASE, CLEAR, PREEMPT, PREEMPT_AND_ABORT = range(6)
WRITE_EXCLUSIVE_REGISTRANTS_ONLY = 5
class Session:
    def __init__(self, portal, target, lun, initiator, rnd, qualifier):
        self.lun, self.c = lun, c_void_p(lib.iscsi_create_context(initiator.encode()))
        lib.iscsi_set_noautoreconnect(self.c, 1); lib.iscsi_set_timeout(self.c, 20)
        lib.iscsi_set_isid_random(self.c, c_uint32(rnd), c_uint32(qualifier))
        lib.iscsi_set_targetname(self.c, target.encode()); lib.iscsi_set_session_type(self.c, 2); lib.iscsi_set_header_digest(self.c, 0)
        if lib.iscsi_full_connect_sync(self.c, portal.encode(), lun) != 0: self.fail()
        self.ready()
    def fail(self):
        raise SystemExit(lib.iscsi_get_error(self.c).decode())
    def answer(self, task):
        if not task: self.fail()
        task = cast(task, POINTER(Task)).contents
        if task.status == 2: return f'CHECK CONDITION {task.sense.key:X}h/{task.sense.ascq >> 8:02X}h/{task.sense.ascq & 255:02X}h'
        return {0: 'GOOD', 24: 'RESERVATION CONFLICT'}.get(task.status, f'status {task.status:02X}h')
    def ready(self):
        # Takes the unit attentions that are waiting.
        for _ in range(5):
            if self.answer(lib.iscsi_testunitready_sync(self.c, self.lun)) == 'GOOD': return
    def out(self, action, key, action_key=0, type=WRITE_EXCLUSIVE_REGISTRANTS_ONLY):
        return self.answer(lib.iscsi_persistent_reserve_out_sync(self.c, self.lun, action, 0, type if action in (RESERVE, RELEASE, PREEMPT, PREEMPT_AND_ABORT) else 0, byref(Parameters(key, action_key, 0, 0, 0))))
    def read(self, action, form):
        task = c_void_p(lib.iscsi_persistent_reserve_in_sync(self.c, self.lun, action, 1024))
        answer = self.answer(task.value)
        if answer != 'GOOD': raise SystemExit(f'PERSISTENT RESERVE IN: {answer}')
        return cast(c_void_p(lib.scsi_datain_unmarshall(task)), POINTER(form)).contents
    def keys(self):
        data = self.read(0, Keys)
        return ' '.join(f'{key:X}h' for key in data.keys[:data.count]) or 'none'
    def generation(self): return self.read(0, Keys).generation
    def holder(self):
        data = self.read(1, Reservation)
        return f'{data.key:X}h' if data.reserved else 'nobody'
    def write(self):
        self.ready()
        return self.answer(lib.iscsi_write10_sync(self.c, self.lun, c_uint32(8), create_string_buffer(512), c_uint32(512), 512, 0, 0, 0, 0, 0))
    def logout(self):
        lib.iscsi_logout_sync(self.c); lib.iscsi_destroy_context(self.c)
PY
debs libiscsi7=1.19.0-3 qemu-system-x86 busybox-static cpio kmod
(cd "$T/debs" && apt-get download -qq linux-image-6.1.0-56-amd64=6.1.192-2 >"$T/apt" 2>&1) || cannot "$(tail -n 2 "$T/apt")"
dpkg -x "$T"/debs/linux-image-*.deb "$T/kernel" || cannot "Debian's kernel package"

# boot FOLDER...: a guest whose kernel serves a file of 64 MiB as LUN 0 over 127.0.0.1:$port. FOLDERs are made in it, all below a dbroot of /var/target.
boot() {
  v=6.1.0-56-amd64 m="$T/kernel/lib/modules/6.1.0-56-amd64" g="$T/guest"
  rm -rf "$g"; mkdir -p "$g/bin" "$g/dev" "$g/proc" "$g/sys" "$g/var/target" "$g/lib/modules/$v"
  for folder in "$@"; do mkdir -p "$g$folder"; done
  cp "$(command -v busybox)" "$g/bin/busybox"; cp "$m/modules.order" "$m/modules.builtin" "$g/lib/modules/$v/"
  depmod -b "$T/kernel" "$v"
  for name in virtio_pci virtio_net crc32c_generic target_core_mod target_core_file iscsi_target_mod; do grep "/$name\.ko:" "$m/modules.dep"; done |
    tr -d : | tr ' ' '\n' | sort -u | while read -r file; do [ ! -f "$m/$file" ] || install -D "$m/$file" "$g/lib/modules/$v/$file"; done
  depmod -b "$g" "$v" 2>/dev/null
  cat >"$g/init" <<'SH'
#!/bin/busybox sh
/bin/busybox mount -t proc p /proc; /bin/busybox mount -t sysfs s /sys; /bin/busybox mount -t devtmpfs d /dev; /bin/busybox --install -s /bin
for name in virtio_pci virtio_net crc32c_generic target_core_mod target_core_file iscsi_target_mod; do modprobe $name; done
mount -t configfs c /sys/kernel/config
ip link set lo up; ip link set eth0 up; ip addr add 10.0.2.15/24 dev eth0
truncate -s 64M /disk.img
C=/sys/kernel/config/target; D=$C/core/fileio_0/disk; P=$C/iscsi/iqn.2026-11.example:disk/tpgt_1
mkdir -p $D; echo "fd_dev_name=/disk.img,fd_dev_size=67108864" >$D/control; echo 1a0b0c0d-0000-4000-8000-000000000001 >$D/wwn/vpd_unit_serial; echo 1 >$D/enable
mkdir -p $P/np/0.0.0.0:3260 $P/lun/lun_0; ln -s $D $P/lun/lun_0/disk
cd $P/attrib; echo 1 >generate_node_acls; echo 0 >demo_mode_write_protect; echo 0 >authentication; echo 1 >cache_dynamic_acls; echo 1 >$P/enable
[ "$(cat $C/dbroot)" = /var/target ] && echo "READY $(uname -v)"
while :; do sleep 60; done
SH
  chmod +x "$g/init"; (cd "$g" && find . | cpio -o -H newc --quiet | gzip -1) >"$T/initrd" || cannot "the guest's file system"
  port=$(free_port); : >"$T/console"
  qemu-system-x86_64 -L /usr/share/qemu -L /usr/share/seabios -L "$T/root/usr/share/qemu" -L "$T/root/usr/share/seabios" \
    -accel tcg -m 512 -smp 1 -no-reboot -kernel "$T/kernel/boot/vmlinuz-$v" -initrd "$T/initrd" -append 'console=ttyS0 quiet panic=-1' \
    -netdev "user,id=n,restrict=on,hostfwd=tcp:127.0.0.1:$port-:3260" -device virtio-net-pci,netdev=n,romfile= \
    -display none -monitor none -serial "file:$T/console" </dev/null >"$T/qemu" 2>&1 & P=$!
  for _ in $(seq 600); do
    if grep -q 'READY.*Debian 6\.1\.192-2' "$T/console"; then sed -n 's/\r$//; s/.*READY/Kernel:/p' "$T/console"; return; fi
    kill -0 "$P" 2>/dev/null || cannot "the guest ended: $(tail -n 3 "$T/qemu")"
    sleep 0.2
  done
  cannot "the guest was not ready within 2 minutes"
}
halt() { kill "$P"; wait "$P" 2>/dev/null; P=; }
# ask FILE: runs a conversation of initiators with the guest.
ask() { (cd "$T" && timeout 120 python3 "$1" "127.0.0.1:$port" iqn.2026-11.example:disk 0) >>"$T/seen" || cannot "the conversation broke off"; }

cat >"$T/direction.py" <<'PY'
import sys
from initiator import *
for name in ('iscsi_read10_sync', 'iscsi_synchronizecache10_sync', 'iscsi_verify10_sync'): getattr(lib, name).restype = c_void_p
portal, target, lun = sys.argv[1], sys.argv[2], int(sys.argv[3])
one = Session(portal, target, lun, 'iqn.2026-11.example:one', 1, 1)
two = Session(portal, target, lun, 'iqn.2026-11.example:two', 2, 1)
if one.out(REGISTER, 0, 0xA1) != 'GOOD': raise SystemExit('not registered')
block = create_string_buffer(512)
def verify(data): return two.answer(lib.iscsi_verify10_sync(two.c, two.lun, block if data else None, c_uint32(512), c_uint32(8), 0, 0, data, 512))
for name, type in (('Write Exclusive', 1), ('Write Exclusive - Registrants Only', 5), ('Exclusive Access', 3)):
    if one.out(RESERVE, 0xA1, type=type) != 'GOOD': raise SystemExit(f'not reserved: {name}')
    if one.holder() != 'A1h': raise SystemExit('nobody holds it')
    two.ready()
    print(f'{name}: READ: {two.answer(lib.iscsi_read10_sync(two.c, two.lun, c_uint32(8), c_uint32(512), 512, 0, 0, 0, 0, 0))}')
    print(f'{name}: WRITE: {two.write()}')
    print(f'{name}: SYNCHRONIZE CACHE: {two.answer(lib.iscsi_synchronizecache10_sync(two.c, two.lun, 8, 1, 0, 0))}')
    print(f'{name}: VERIFY, BYTCHK 0: {verify(0)}')
    print(f'{name}: VERIFY, BYTCHK 1: {verify(1)}')
    if one.out(RELEASE, 0xA1, type=type) != 'GOOD': raise SystemExit(f'not released: {name}')
PY
sed -n '/^# Output:$/,/^#$/s/^#   //p' "$0" >"$T/expected"
boot /var/target/pr
ask direction.py
verdict
