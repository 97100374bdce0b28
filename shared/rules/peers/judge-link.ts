import type { MatrixFinding, MatrixOutcome } from '../../model/network-matrix.ts';
import type { LinkFigures, MeasuredEnd } from '../../model/network-measure.ts';
import { msText, rateText } from './matrix-words.ts';

/** What is judged about one direction between two addresses. */
export interface JudgedLink {
  readonly from: string;
  /** The other server's name, or the portal. */
  readonly to: string;
  readonly isPortal: boolean;
  readonly subnet: string;
  readonly source: MeasuredEnd;
  /** The other end; null for a portal, of which no NIC is known. */
  readonly destination: MeasuredEnd | null;
  readonly figures: LinkFigures;
  /** The sender's datagrams arrived on another network of the receiver: this one, and not on this network. */
  readonly strayedTo: string | null;
  readonly isBandwidthWanted: boolean;
}

/** Lines of our own where no document draws one; a cluster's heartbeat goes out once a second and misses up to ten or more (SameSubnetThreshold). */
export const linkLimits = { lossFail: 0.1, roundTripWarnMs: 10, bandwidthWarn: 0.5 } as const;

/** The ports that a cluster's nodes talk over, with who uses them. */
export const clusterPorts = [
  { protocol: 'udp', port: 3343, use: 'the cluster service (heartbeat)' },
  { protocol: 'tcp', port: 3343, use: 'the cluster service (joining)' },
  { protocol: 'tcp', port: 445, use: 'SMB' },
  { protocol: 'tcp', port: 135, use: 'RPC' },
  { protocol: 'tcp', port: 6600, use: 'live migration' },
] as const;

/** iSCSI's own port (RFC 7143 section 4.1, IANA). */
export const iscsiPort = { protocol: 'tcp', port: 3260, use: 'iSCSI' } as const;

const finding = (
  id: MatrixFinding['id'],
  outcome: MatrixOutcome,
  text: string,
  next: string | null = null,
): MatrixFinding => ({ id, outcome, text, next });

const unreadOf = (figures: LinkFigures, property: LinkFigures['unread'][number]['property']): string =>
  figures.unread.find((one) => one.property === property)?.because ?? 'it was not measured';

const isAnswered = ({ figures }: JudgedLink): boolean =>
  (figures.roundTrip?.answered ?? 0) > 0 || figures.ports.some(({ state }) => state !== 'silent');

const judgeReach = (link: JudgedLink): MatrixFinding => {
  const { from, to, subnet, figures, source, strayedTo } = link;
  if (figures.roundTrip && figures.roundTrip.answered > 0)
    return finding('reach', 'pass', `${to} answers ${from} in ${subnet}.`);
  if (strayedTo !== null)
    return finding(
      'reach',
      'fail',
      `${to} does not answer ${from} in ${subnet}: what ${from} sends through ${source.nic} arrives in ${strayedTo}.`,
      `Plug ${source.nic} of ${from} into the switch or VLAN of ${subnet}, or swap its addresses.`,
    );
  if (isAnswered(link))
    return finding(
      'reach',
      'unknown',
      `${to} answers no echo of ${from} in ${subnet}, but a port does: ICMP is blocked. Round trip, loss and packet size are not known.`,
      'Allow ICMPv4 echo requests in the firewall of the other server while the networks are measured.',
    );
  if (!figures.roundTrip)
    return finding(
      'reach',
      'unknown',
      `Not known whether ${to} answers ${from} in ${subnet}: ${unreadOf(figures, 'roundTrip')}.`,
    );
  return finding(
    'reach',
    'fail',
    `${to} does not answer ${from} in ${subnet}, though both have an address there.`,
    'Check the cable, the VLAN of both switch ports, and the firewall of the other server.',
  );
};

const percentText = (ratio: number): string => `${(ratio * 100).toFixed(ratio < 0.1 ? 1 : 0)} %`;

const judgeEchoes = ({ from, to, figures: { roundTrip } }: JudgedLink): MatrixFinding[] => {
  if (!roundTrip || roundTrip.answered === 0) return [];
  const loss = (roundTrip.sent - roundTrip.answered) / roundTrip.sent;
  const lossText = `${roundTrip.sent - roundTrip.answered} of ${roundTrip.sent} echoes from ${from} to ${to} were lost (${percentText(loss)}).`;
  const lossNext =
    'Look at the error counters of both network adapters and switch ports; replace the cable or transceiver.';
  const isSlow = (roundTrip.p50Ms ?? 0) > linkLimits.roundTripWarnMs;
  return [
    loss === 0
      ? finding('loss', 'pass', `None of ${roundTrip.sent} echoes was lost.`)
      : finding('loss', loss >= linkLimits.lossFail ? 'fail' : 'warn', lossText, lossNext),
    finding(
      'roundTrip',
      isSlow ? 'warn' : 'pass',
      `Round trip ${msText(roundTrip.p50Ms)} (median), ${msText(roundTrip.p99Ms)} (99 %), jitter ${msText(roundTrip.jitterMs)}.`,
      isSlow
        ? 'Find out what is between the servers: within one LAN segment a round trip takes well under a millisecond.'
        : null,
    ),
  ];
};

const judgePacket = (link: JudgedLink): MatrixFinding[] => {
  const { from, to, source, destination, figures } = link;
  if (!figures.roundTrip || figures.roundTrip.answered === 0) return [];
  const largest = figures.largestPacketBytes;
  if (largest === null)
    return [
      finding(
        'packet',
        'unknown',
        `The largest packet from ${from} to ${to} is not known: ${unreadOf(figures, 'largestPacketBytes')}.`,
      ),
    ];
  const own = source.mtuBytes;
  const others = destination?.mtuBytes ?? null;
  if (own !== null && others !== null && own !== others)
    return [
      finding(
        'packet',
        'warn',
        `${source.nic} of ${from} sends packets of up to ${own} bytes, ${destination!.nic} of ${to} takes ${others}; ${largest} bytes pass.`,
        'Set the same jumbo packet size on both network adapters and on the switch.',
      ),
    ];
  const wanted = others === null ? (figures.triedPacketBytes ?? own) : own;
  if (wanted !== null && largest < wanted)
    return [
      finding(
        'packet',
        link.isPortal ? 'warn' : 'fail',
        `Packets from ${from} to ${to} above ${largest} bytes are lost, though ${source.nic} sends up to ${wanted}.`,
        'Set the jumbo packet size on every switch port and network adapter of this network, or set the network adapters to the smaller size.',
      ),
    ];
  return [finding('packet', 'pass', `Packets of ${largest} bytes pass unfragmented.`)];
};

const judgeBandwidth = (link: JudgedLink): MatrixFinding[] => {
  const { from, to, source, destination, figures, isBandwidthWanted } = link;
  if (link.isPortal || !isBandwidthWanted || !isAnswered(link)) return [];
  if (figures.bandwidthBps === null)
    return [
      finding(
        'bandwidth',
        'unknown',
        `The bandwidth from ${from} to ${to} is not known: ${unreadOf(figures, 'bandwidthBps')}.`,
      ),
    ];
  const speeds = [source.linkSpeedBps, destination?.linkSpeedBps ?? null].filter(
    (speed) => speed !== null && speed > 0,
  );
  const slowest = speeds.length === 0 ? null : Math.min(...(speeds as number[]));
  const text = `${rateText(figures.bandwidthBps)} from ${from} to ${to}${slowest === null ? '' : `; the slower network adapter has ${rateText(slowest)}`}.`;
  return slowest !== null && figures.bandwidthBps < slowest * linkLimits.bandwidthWarn
    ? [
        finding(
          'bandwidth',
          'warn',
          text,
          'Measure again when the network is idle; then look for a slower link between the switches, and at both network adapters’ settings.',
        ),
      ]
    : [finding('bandwidth', 'pass', text)];
};

const useOf = (protocol: string, port: number): string =>
  [...clusterPorts, iscsiPort].find((one) => one.protocol === protocol && one.port === port)?.use ?? 'asked for';

const judgePorts = (link: JudgedLink): MatrixFinding[] => {
  const { from, to, figures } = link;
  if (figures.ports.length === 0) return [];
  const name = ({ protocol, port }: { readonly protocol: string; readonly port: number }): string =>
    `${protocol.toUpperCase()} ${port} (${useOf(protocol, port)})`;
  const list = (ports: LinkFigures['ports']): string => ports.map(name).join(', ');
  if (link.isPortal) {
    const closed = figures.ports.filter(({ state }) => state !== 'answered');
    return closed.length === 0
      ? [finding('ports', 'pass', `${to} accepts connections from ${from}.`)]
      : [
          finding(
            'ports',
            'fail',
            `${to} accepts no connection from ${from}: ${list(closed)}.`,
            'Check that the target is running, and the firewalls in between.',
          ),
        ];
  }
  if (!isAnswered(link)) return [];
  // What another program holds answers TCP; whether it gets datagrams it does not say.
  const isUnsaid = ({ protocol, state, answerer }: LinkFigures['ports'][number]): boolean =>
    (state === 'silent' && protocol === 'udp' && answerer !== 'held') || (state === 'rejected' && answerer !== 'held');
  const unsaid = figures.ports.filter(isUnsaid);
  const blocked = figures.ports.filter((port) => port.state !== 'answered' && !isUnsaid(port));
  if (blocked.length > 0)
    return [
      finding(
        'ports',
        'fail',
        `${to} does not accept from ${from}: ${list(blocked)}.`,
        'Allow these ports between the servers in Windows Firewall; the Failover Clustering feature and the Hyper-V role bring rules of their own.',
      ),
    ];
  if (unsaid.length > 0)
    return [
      finding(
        'ports',
        'unknown',
        `It is not known whether ${to} accepts from ${from}: ${list(unsaid)}.`,
        'Run Quorate there as an administrator, so that it can answer on these ports while they are measured.',
      ),
    ];
  return [finding('ports', 'pass', `All of the cluster’s ports pass from ${from} to ${to}.`)];
};

/** What the figures of one direction mean. Pure; nothing that was not measured counts as good. */
export const judgeLink = (link: JudgedLink): MatrixFinding[] => [
  judgeReach(link),
  ...judgeEchoes(link),
  ...judgePacket(link),
  ...judgeBandwidth(link),
  ...judgePorts(link),
];

/** The worst of these. */
export const worstOutcome = (outcomes: readonly MatrixOutcome[]): MatrixOutcome =>
  (['fail', 'unknown', 'warn'] as const).find((one) => outcomes.includes(one)) ?? 'pass';
