import type { Outcome } from '../model/check.ts';
import type { ProcessorFacts } from '../model/facts.ts';

/** What one socket shows. */
export interface SocketFinding {
  readonly outcome: Extract<Outcome, 'pass' | 'warn' | 'fail' | 'unknown'>;
  /** One sentence without the socket's name. */
  readonly says: string;
}

const worstFirst = ['fail', 'unknown', 'warn', 'pass'] as const;

/** Every socket must agree: the worst one decides, and where they differ each one is named. */
export const judgeEachSocket = (
  processors: readonly ProcessorFacts[],
  judge: (processor: ProcessorFacts) => SocketFinding,
): SocketFinding => {
  const findings = processors.map((processor) => ({ socket: processor.socket, ...judge(processor) }));
  const outcome = worstFirst.find((one) => findings.some((finding) => finding.outcome === one)) ?? 'unknown';
  const sentences = new Set(findings.map((finding) => finding.says));
  const says =
    sentences.size === 1
      ? ([...sentences][0] ?? '')
      : findings.map((finding) => `${finding.socket}: ${finding.says}`).join(' ');
  return { outcome, says };
};
