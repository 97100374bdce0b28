#!/bin/bash
# tgt: nobody is told that a reservation was released, and who loses its registration to PREEMPT is told of a CLEAR.
#
# Versions: tgt 1:1.0.85-1+deb12u1 (Debian, unpacked, as an ordinary process on loopback); initiator libiscsi 1.19.0-3.
# Input:    two initiators register A1h and B2h, and the first reserves (Write Exclusive - Registrants Only). Then once each: the first releases; the
#           first unregisters; the second preempts A1h; the second sends CLEAR. After each the other one sends TEST UNIT READY twice.
# Expected: a unit attention in the first answer: 2Ah/04h RESERVATIONS RELEASED after RELEASE and after the unregistration of the holder (SPC-3, 5.6.10.2
#           and 5.6.10.3, for the types that name registrants), 2Ah/05h REGISTRATIONS PREEMPTED after PREEMPT (5.6.10.4), 2Ah/03h RESERVATIONS
#           PREEMPTED after CLEAR (5.6.10.5). Linux's own target gives just these.
# Seen:     none after RELEASE and after the unregistration; 2Ah/03h after PREEMPT as after CLEAR. A node that waits for the first, instead of asking
#           again and again, waits for ever; one that has lost a disk to another cannot tell it from a disk that was cleared for all.
# Output:
#   RELEASE of one: two: GOOD, GOOD
#   unregistration of one: two: GOOD, GOOD
#   PREEMPT of two: one: CHECK CONDITION 6h/2Ah/03h, GOOD
#   CLEAR of two: one: CHECK CONDITION 6h/2Ah/03h, GOOD
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

cat >"$T/attention.py" <<'PY'
import sys
from initiator import *
portal, target, lun = sys.argv[1], sys.argv[2], int(sys.argv[3])
one = Session(portal, target, lun, 'iqn.2026-11.example:one', 1, 1)
two = Session(portal, target, lun, 'iqn.2026-11.example:two', 2, 1)
def told(who): return ', '.join(who.answer(lib.iscsi_testunitready_sync(who.c, who.lun)) for _ in range(2))
def reserve():
    one.ready(); two.ready()
    done = [one.out(REGISTER, 0, 0xA1), two.out(REGISTER, 0, 0xB2), one.out(RESERVE, 0xA1)]
    if done != ['GOOD'] * 3 or one.holder() != 'A1h': raise SystemExit(f'not set up: {done}')
    one.ready(); two.ready()
def took(answer):
    if answer != 'GOOD': raise SystemExit(answer)
def over():
    # Whoever is still registered clears the way for the next; its answer is of no matter.
    for who, key in ((one, 0xA1), (two, 0xB2)): who.ready(); who.out(CLEAR, key)
reserve(); took(one.out(RELEASE, 0xA1)); print('RELEASE of one: two:', told(two)); over()
reserve(); took(one.out(REGISTER, 0xA1, 0)); print('unregistration of one: two:', told(two)); over()
reserve(); took(two.out(PREEMPT, 0xB2, 0xA1)); print('PREEMPT of two: one:', told(one)); over()
reserve(); took(two.out(CLEAR, 0xB2)); print('CLEAR of two: one:', told(one))
PY
sed -n '/^# Output:$/,/^#$/s/^#   //p' "$0" >"$T/expected"
[ "$(id -u)" = 0 ] || cannot "tgtd wants to be root"
debs libiscsi7=1.19.0-3 tgt=1:1.0.85-1+deb12u1
port=$(free_port) target=iqn.2026-11.example:disk
# A control port of its own: another tgtd of this machine is left alone.
control=$((port % 20000 + 1000))
admin() { tgtadm -C "$control" --lld iscsi "$@" >>"$T/tgtadm" 2>&1; }
truncate -s 64M "$T/disk.img"
tgtd -f -C "$control" --iscsi "portal=127.0.0.1:$port" >"$T/tgtd" 2>&1 & P=$!
trap '{ admin --op delete --force --mode target --tid 1; admin --op delete --mode system; kill -9 "$P"; wait "$P"
  rm -rf "$T" "/var/run/tgtd/socket.$control" "/var/run/tgtd/socket.$control.lock"; } 2>/dev/null' EXIT
for _ in $(seq 100); do if admin --op show --mode target; then break; fi; kill -0 "$P" 2>/dev/null || cannot "$(tail -n 2 "$T/tgtd")"; sleep 0.1; done
admin --op new --mode target --tid 1 -T "$target" && admin --op new --mode logicalunit --tid 1 --lun 1 -b "$T/disk.img" &&
  admin --op bind --mode target --tid 1 -I ALL || cannot "$(tail -n 2 "$T/tgtadm")"
(cd "$T" && timeout 60 python3 attention.py "127.0.0.1:$port" "$target" 1) >"$T/seen" || cannot "the conversation broke off"
verdict
