import { defaultHeartbeat, defaultResiliency, type Heartbeat, type Resiliency } from './cluster.ts';

/** What of a cluster tells when it misses a node; null or left out: not read. */
export interface LossSettings {
  readonly heartbeat?: Heartbeat | null | undefined;
  readonly resiliency?: Resiliency | null | undefined;
}

const figure = (value: number): string => value.toLocaleString('en-US');

const from = (isRead: boolean): string => (isRead ? 'as read from the cluster' : 'the default, not read');

/** When nodes of one subnet miss one of them that went down without a word: in seconds, and where the figures are from. */
export const missedAfter = ({ heartbeat }: LossSettings): { readonly seconds: number; readonly because: string } => {
  const { sameSubnetDelayMs, sameSubnetThreshold } = heartbeat ?? defaultHeartbeat;
  return {
    seconds: (sameSubnetDelayMs * sameSubnetThreshold) / 1000,
    because: `SameSubnetThreshold ${sameSubnetThreshold} x SameSubnetDelay ${figure(sameSubnetDelayMs)} ms, ${from(Boolean(heartbeat))}`,
  };
};

/** For how long the cluster may take a node with virtual machines for Isolated before they start elsewhere, in seconds; 0: it does not. */
export const isolatedFor = ({ resiliency }: LossSettings): { readonly seconds: number; readonly because: string } => {
  const { level, periodSeconds } = resiliency ?? defaultResiliency;
  return {
    seconds: level === 'alwaysIsolate' ? periodSeconds : 0,
    because: `ResiliencyDefaultPeriod, ${from(Boolean(resiliency))}`,
  };
};

/** What passes before a virtual machine of a host that lost its power starts elsewhere. That Windows isolates such a host is not proven, so that both ends are told. */
export const lossWords = (settings: LossSettings): string => {
  const missed = missedAfter(settings);
  const isolated = isolatedFor(settings);
  return [
    `The others miss it after ${missed.seconds} s without heartbeats (${missed.because}).`,
    isolated.seconds === 0
      ? 'Then its virtual machines start elsewhere.'
      : `Then its virtual machines start elsewhere, at once or up to ${isolated.seconds} s later: a node that is not heard can count as Isolated for so long (${isolated.because}), and whether one without power does is not known.`,
  ].join(' ');
};

/** As long as a loss of power may last until a virtual machine starts elsewhere, in milliseconds. */
export const longestLossMs = (settings: LossSettings): number =>
  (missedAfter(settings).seconds + isolatedFor(settings).seconds) * 1000;
