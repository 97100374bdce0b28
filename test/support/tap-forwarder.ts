import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { until } from './peers.ts';

/*
 * A link with delay, jitter and loss, where the kernel has no netem: a process between two taps (Documentation/networking/tuntap) passes Ethernet frames on. What
 * it does is counted, not thrown by dice, so that a short train says as much as a long one.
 */
const script = String.raw`
use strict;
use Fcntl;
use Time::HiRes qw(time);
$| = 1;
sub tap {
  sysopen(my $tap, '/dev/net/tun', O_RDWR | O_NONBLOCK) or die "/dev/net/tun: $!\n";
  my $request = pack('a16 S x22', $_[0], 0x1002); # IFF_TAP | IFF_NO_PI
  ioctl($tap, 0x400454ca, $request) or die "$_[0]: $!\n"; # TUNSETIFF
  return $tap;
}
my @ends = map { tap($_) } @ARGV;
my %rule = (delay => 0, jitter => 0, loseEvery => 0, block => 'none');
my (@queue, $echoes, $steps);
my $said = '';
print "ready\n";
while (1) {
  my $now = time;
  while (@queue && $queue[0][0] <= $now) {
    my $next = shift @queue;
    syswrite($next->[1], $next->[2]);
  }
  my $wanted = '';
  vec($wanted, fileno($_), 1) = 1 for @ends, \*STDIN;
  next if select($wanted, undef, undef, @queue ? $queue[0][0] - time : 5) <= 0;
  if (vec($wanted, fileno(STDIN), 1)) {
    exit 0 unless sysread(STDIN, my $bytes, 4096);
    $said .= $bytes;
    while ($said =~ s/^(\w+) (\w+)\n//) { $rule{$1} = $2; print "$1 $2\n"; }
  }
  for my $from (0, 1) {
    next unless vec($wanted, fileno($ends[$from]), 1);
    for (1 .. 64) {
      last unless sysread($ends[$from], my $frame, 65536);
      next if $rule{block} eq 'both' || $rule{block} eq ($from ? 'back' : 'there');
      # An ICMP echo request (RFC 792) over IPv4: EtherType 0x0800, protocol 1, type 8.
      my $isEcho = length($frame) > 34 && unpack('n', substr($frame, 12, 2)) == 0x0800
        && ord(substr($frame, 23, 1)) == 1 && ord(substr($frame, 14 + (ord(substr($frame, 14, 1)) & 15) * 4, 1)) == 8;
      next if $isEcho && $rule{loseEvery} && ++$echoes % $rule{loseEvery} == 0;
      my $extra = $isEcho && $rule{jitter} ? (++$steps % 3) * $rule{jitter} : 0;
      my $at = time + ($rule{delay} + $extra) / 1000;
      my $place = @queue;
      $place-- while $place > 0 && $queue[$place - 1][0] > $at;
      splice(@queue, $place, 0, [$at, $ends[1 - $from], $frame]);
    }
  }
}
`;

export interface TapRules {
  /** Added to every frame, in milliseconds, each way. */
  readonly delay: number;
  /** An echo request waits for none, one or two of these more, in turn; in milliseconds. */
  readonly jitter: number;
  /** Every so manieth echo request is lost; 0: none. */
  readonly loseEvery: number;
  /** What is passed on nowhere, silently: from the first tap (`there`), from the second (`back`). */
  readonly block: 'none' | 'there' | 'back' | 'both';
}

export interface TapForwarder {
  set(rules: Partial<TapRules>): Promise<void>;
  close(): Promise<void>;
}

/** Starts it; `inside` is what is put before a program so that it runs where the taps belong. Needs perl. */
export const startTapForwarder = async (
  inside: readonly [string, ...string[]],
  taps: readonly [string, string],
): Promise<TapForwarder> => {
  const [program, ...before] = inside;
  const child = spawn(program, [...before, 'perl', '-e', script, '--', ...taps], { stdio: ['pipe', 'pipe', 'pipe'] });
  try {
    // A link does not wait for a processor. Who may not say so has one that is late at times.
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_HIGHEST);
  } catch {
    // A container without CAP_SYS_NICE.
  }
  let text = '';
  child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (text += bytes.toString()));
  const gone = new Promise((resolve) => child.once('exit', resolve));
  await until(`the forwarder runs (${text})`, () => text.includes('ready'));
  return {
    set: async (rules) => {
      for (const [name, value] of Object.entries(rules)) {
        const before = text.length;
        child.stdin.write(`${name} ${value}\n`);
        await until(`${name} is ${value}`, () => text.slice(before).includes(`${name} ${value}`));
      }
    },
    close: async () => {
      child.stdin.end();
      await gone;
    },
  };
};
