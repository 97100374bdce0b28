import { execFile } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import { addressFamilyOf } from '../../shared/model/address.ts';
import { cancelled, failure } from '../../shared/errors/failure.ts';
import { echoAnswerSchema, type EchoAnswer, type EchoTrain } from '../../shared/model/network-measure.ts';
import * as z from 'zod';

/**
 * Node opens no raw sockets. Perl does, and every Debian and Ubuntu has it. ICMP echo (RFC 792) from a bound address and NIC; IP_PMTUDISC_PROBE
 * sets don't-fragment and does not remember what a router said before (ip(7)); the kernel's own time of arrival (SIOCGSTAMP, socket(7)) keeps
 * a busy machine out of the round trip.
 */
const script = String.raw`
use strict;
use Socket qw(PF_INET SOCK_RAW SOL_SOCKET inet_aton sockaddr_in);
use Errno qw(EMSGSIZE ENETUNREACH EHOSTUNREACH ENOBUFS);
use Time::HiRes qw(gettimeofday tv_interval sleep);
my ($source, $destination, $device, $bytes, $df, $count, $interval, $timeout) = @ARGV;
socket(my $socket, PF_INET, SOCK_RAW, 1) or die "$!\n";
setsockopt($socket, SOL_SOCKET, 25, pack('Z*', $device)) or die "$device: $!\n" if $device ne '';
setsockopt($socket, 0, 10, pack('i', $df ? 3 : 0)) or die "$!\n";
setsockopt($socket, SOL_SOCKET, 8, pack('i', 1048576));
bind($socket, sockaddr_in(0, inet_aton($source))) or die "$source: $!\n";
my $to = sockaddr_in(0, inet_aton($destination));
my $id = $$ & 0xffff;
my $payload = $bytes - 28;
my $filler = 'quorate.' x (int($payload / 8) + 1);
sub checksum {
  my ($data) = @_;
  $data .= "\0" if length($data) % 2;
  my $sum = unpack('%32n*', $data);
  $sum = ($sum >> 16) + ($sum & 0xffff) while $sum >> 16;
  return ~$sum & 0xffff;
}
my @answers;
for my $sequence (1 .. $count) {
  my $data = substr($filler, 0, $payload);
  my $sum = checksum(pack('CCnnn', 8, 0, 0, $id, $sequence) . $data);
  my $packet = pack('CCnnn', 8, 0, $sum, $id, $sequence) . $data;
  my $sent = [gettimeofday];
  my $answer = 'timeout';
  if (!defined send($socket, $packet, 0, $to)) {
    $answer = $!{EMSGSIZE} ? 'tooBig' : ($!{ENETUNREACH} || $!{EHOSTUNREACH}) ? 'unreachable' : $!{ENOBUFS} ? 'timeout' : 'other';
  } else {
    while ((my $left = $timeout / 1000 - tv_interval($sent)) > 0) {
      my $wanted = '';
      vec($wanted, fileno($socket), 1) = 1;
      my $ready = select($wanted, undef, undef, $left);
      next if $ready <= 0;
      next unless defined recv($socket, my $packet, 65535, 0);
      my $stamp = "\0" x 16;
      my $at = ioctl($socket, 0x8906, $stamp) ? [unpack('l!l!', $stamp)] : [gettimeofday];
      my $header = (ord($packet) & 15) * 4;
      next if length($packet) < $header + 8;
      my ($type, $code, undef, $itsId, $itsSequence) = unpack('CCnnn', substr($packet, $header, 8));
      my $from = join('.', unpack('C4', substr($packet, 12, 4)));
      if ($type == 0 && $itsId == $id && $itsSequence == $sequence && $from eq $destination) {
        my $trip = tv_interval($sent, $at) * 1000;
        $answer = $trip < 0 ? 0 : $trip;
        last;
      }
      next if $type != 3 || length($packet) < $header + 36;
      # What the packet in question was: its own IP header follows the eight bytes.
      my $inner = $header + 8 + (ord(substr($packet, $header + 8, 1)) & 15) * 4;
      next if length($packet) < $inner + 8;
      my (undef, undef, undef, $lostId, $lostSequence) = unpack('CCnnn', substr($packet, $inner, 8));
      next if $lostId != $id || $lostSequence != $sequence;
      $answer = $code == 4 ? 'tooBig' : 'unreachable';
      last;
    }
  }
  push @answers, $answer;
  if ($sequence < $count) {
    my $rest = $interval / 1000 - tv_interval($sent);
    sleep($rest) if $rest > 0;
  }
}
print '[', join(',', map { /^[a-z]/i ? "\"$_\"" : sprintf('%.6f', $_) } @answers), "]\n";
`;

const answersSchema = z.array(echoAnswerSchema);

const nicOf = (address: string): string =>
  Object.entries(networkInterfaces()).find(([, held]) => held?.some((one) => one.address === address))?.[0] ?? '';

/** Sends echoes as `MeasurePort.echo` says. @throws Failure MEASURE_NO_ECHO, CANCELLED */
export const sendEchoes = (train: EchoTrain, signal?: AbortSignal): Promise<readonly EchoAnswer[]> => {
  const { source, destination, packetBytes, dontFragment, count, intervalMs, timeoutMs } = train;
  if (addressFamilyOf(destination) !== 'ipv4')
    return Promise.reject(failure('MEASURE_NO_ECHO', { reason: 'only IPv4 is measured' }));
  const words = [
    source,
    destination,
    nicOf(source),
    packetBytes,
    dontFragment ? 1 : 0,
    count,
    intervalMs,
    timeoutMs,
  ].map(String);
  return new Promise((resolve, reject) => {
    const longestMs = count * (Math.max(intervalMs, timeoutMs) + 50) + 10_000;
    const options = { timeout: longestMs, ...(signal ? { signal } : {}) };
    execFile('perl', ['-e', script, '--', ...words], options, (error, stdout, stderr) => {
      if (signal?.aborted) return reject(cancelled('The measurement'));
      if (error) {
        const isMissing = error.code === 'ENOENT';
        const said = stderr.trim().split('\n')[0] ?? '';
        return reject(
          failure(
            'MEASURE_NO_ECHO',
            { reason: isMissing ? 'perl is not installed' : said || error.message },
            { cause: error },
          ),
        );
      }
      resolve(answersSchema.parse(JSON.parse(stdout)));
    });
  });
};
