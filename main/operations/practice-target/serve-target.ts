import type { OutputOf, Progress } from '../../../shared/contract/define.ts';
import type { TargetNews, targetServe } from '../../../shared/contract/target.ts';
import type { PracticeTargetPort, ServeTargetInput } from '../../ports/practice-target-port.ts';

const describeNews = (news: TargetNews): string => {
  switch (news.kind) {
    case 'started':
      return `Serving ${news.target.name} (not for data)`;
    case 'login':
      return `${news.initiatorName} logged in (${news.sessionType.toLowerCase()} session ${news.session})${
        news.reinstated ? ' and replaced its former session' : ''
      }`;
    case 'loginRefused':
      return `A login from ${news.from} was refused (${news.status}): ${news.because}`;
    case 'sessionEnded':
      return `Session ${news.session} ended: ${news.because}`;
    case 'protocolError':
      return `${news.from} was cut off: ${news.because}`;
    case 'fault':
      return `The fault ${news.fault} struck at ${news.steps.join(', ')}`;
    case 'reservations':
      return `Reservations of LUN ${news.lun} changed: ${news.action}${news.by === null ? '' : ` by ${news.by}`}`;
  }
};

/** Serves an embedded target until `signal` aborts, which is its normal end: the answer then says what it served. */
export const serveTarget = async (
  port: PracticeTargetPort,
  input: ServeTargetInput,
  { signal, progress }: { signal: AbortSignal; progress: (progress: Progress) => void },
): Promise<OutputOf<typeof targetServe>> => {
  let sessionsServed = 0;
  let loginsRefused = 0;
  const report = (news: TargetNews): void => {
    if (news.kind === 'login' && news.sessionType === 'Normal') sessionsServed++;
    if (news.kind === 'loginRefused') loginsRefused++;
    progress({ doing: describeNews(news), done: null, total: null, leftMs: null, data: news });
  };
  const target = await port.start(input, report);
  try {
    report({ kind: 'started', target: target.describe() });
    if (!signal.aborted) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    }
    return { target: target.describe(), sessionsServed, loginsRefused };
  } finally {
    await target.close();
  }
};
