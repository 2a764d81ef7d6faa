import type { RunningCopy } from '../../src/rehearse/copy.js';

/**
 * A station that answers ARP late, as on Wi-Fi. As Linux it answers no announcement
 * (a request whose sender has the address that it asks for).
 */
const STATION = String.raw`use strict; use Socket;
my ($link, $ip, $mac, $ms) = @ARGV;
my $hw = pack('H12', $mac =~ s/://gr);
my $own = inet_aton($ip);
socket(my $s, 17, 3, 0x0608) or die "socket: $!";
my $request = pack('a16 x24', $link);
ioctl($s, 0x8933, $request) or die "SIOCGIFINDEX: $!";
bind($s, pack('S n i S C C a8', 17, 0x0806, unpack('x16 i', $request), 0, 0, 0, '')) or die "bind: $!";
$| = 1; print "ready\n";
use Time::HiRes 'time';
my @late;
while (1) {
  my $read = ''; vec($read, fileno($s), 1) = 1;
  my $wait = @late ? $late[0][0] - time : undef;
  $wait = 0 if defined $wait && $wait < 0;
  if (select($read, undef, undef, $wait)) {
    recv($s, my $frame, 1500, 0);
    my ($op, $sha, $spa, undef, $tpa) = unpack('x20 n a6 a4 a6 a4', $frame);
    next if $op != 1 || $tpa ne $own || $spa eq $own;
    push @late, [time + $ms / 1000, $sha . $hw . pack('n n n C C n', 0x0806, 1, 0x0800, 6, 4, 2) . $hw . $own . $sha . $spa];
  }
  send($s, (shift @late)->[1] . ("\0" x 18), 0) while @late && $late[0][0] <= time;
}
`;

let stations = 0;

/** Put a station with an address on the LAN; call what it returns to take it away. */
export async function arpStation(
  copy: RunningCopy,
  address: string,
  mac: string,
  delayMs: number,
): Promise<() => Promise<void>> {
  stations += 1;
  const link = `station${stations}`;
  await copy.lan.run([
    'sh',
    '-c',
    `ip link add ${link} type veth peer name ${link}p && ip link set ${link}p master lan0 up && ip link set ${link} up`,
  ]);
  let ready = () => {};
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const argv = ['perl', '-e', STATION, link, address, mac, String(delayMs)];
  const child = copy.sandbox.spawn(argv, { network: { namespace: 'lan' }, onLine: () => ready() });
  await isReady;
  return async () => {
    child.kill('SIGKILL');
    await child.exited;
    await copy.lan.run(['ip', 'link', 'delete', link]);
  };
}
