/** What one connection may cost. All sizes in bytes, all times in milliseconds. */
export interface ChannelLimits {
  /** The longest message that is read or sent. */
  readonly maxMessageBytes: number;
  /** How many arrays and objects may stand in each other. */
  readonly maxDepth: number;
  /** How many questions of the other side are worked on at once; more are refused. */
  readonly maxCallsIn: number;
  /** How many of our own questions are under way at once; more wait for their turn here. */
  readonly maxCallsOut: number;
  /** How much may lie unsent before progress is left out; four times as much ends the connection. */
  readonly maxUnsentBytes: number;
  /** So often it is looked whether the other side lives, and a sign of life is sent where nothing else was lately. */
  readonly heartbeatMs: number;
  /** After so long without a byte from the other side, the connection counts as dead: found at the next beat. */
  readonly silenceMs: number;
  /** How long a cancelled call may take to say what it left behind. */
  readonly cancelPatienceMs: number;
}

/** Between servers that know each other. */
export const peerLimits: ChannelLimits = {
  maxMessageBytes: 8 << 20,
  maxDepth: 64,
  maxCallsIn: 64,
  maxCallsOut: 48,
  maxUnsentBytes: 4 << 20,
  // Versions up to 0.1 take seven seconds of silence for the end as well: see the longest pause in Channel.
  heartbeatMs: 2_500,
  silenceMs: 7_000,
  cancelPatienceMs: 15_000,
};

/** With somebody who has not proven anything yet. */
export const strangerLimits: ChannelLimits = {
  ...peerLimits,
  maxMessageBytes: 4 << 10,
  maxDepth: 6,
  maxCallsIn: 2,
  maxCallsOut: 2,
  maxUnsentBytes: 64 << 10,
};
