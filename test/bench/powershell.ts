import { execFile } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PowerShell } from 'node-powershell';
import { startEngine } from '../support/engine.ts';

/**
 * One process per call against the runner's persistent sessions, in one run on one machine. Milliseconds.
 * Bundled and started by test/bench/powershell.mjs.
 */
const spread = (samples: readonly number[]) => {
  const sorted = [...samples].sort((left, right) => left - right);
  const round = (value: number) => Math.round(value * 100) / 100;
  return {
    min: round(sorted[0]!),
    median: round(sorted[sorted.length >> 1]!),
    max: round(sorted.at(-1)!),
    samples: sorted.length,
  };
};
const time = async (work: () => Promise<unknown>): Promise<number> => {
  const from = performance.now();
  await work();
  return performance.now() - from;
};

export const runBench = async (root: string): Promise<unknown> => {
  const sources = [join(root, 'test/powershell/runner/fixtures')];
  const engine = await startEngine({ sources });
  const call = (runner = engine.runner) => runner.run('Get-Echo', { value: { a: 1, b: 'two', c: [1, 2, 3] } });
  const script = join(engine.folder, 'scripts/Get-Echo.ps1');
  const text = `function Send-Result { param($Data) 'answer' }; & '${script}' -Value @{ a = 1 }`;
  const processes: number[] = [];
  const colds: number[] = [];
  const warms: number[] = [];
  const streams: number[] = [];
  const rounds = 5;
  for (let round = 0; round < rounds; round++) {
    // Alternating, so that a busy machine hits all of them.
    processes.push(
      await time(() => promisify(execFile)(engine.program.path, ['-NoProfile', '-NonInteractive', '-Command', text])),
    );
    const fresh = await startEngine({ sources });
    colds.push(await time(() => call(fresh.runner)));
    await fresh.close();
    await call();
    for (let warm = 0; warm < 30; warm++) warms.push(await time(() => call()));
  }
  // node-powershell's own way (invoke, text delimited on both streams) with the same script, for comparison.
  const bare = new PowerShell({
    executable: engine.program.path,
    executableOptions: { '-NoProfile': true, '-NonInteractive': true },
    throwOnInvocationError: false,
  });
  await bare.invoke("function global:Send-Result { param($Data) 'answer' }");
  await bare.invoke(`& '${script}'`);
  for (let warm = 0; warm < 50; warm++) streams.push(await time(() => bare.invoke(`& '${script}' -Value @{ a = 1 }`)));
  await bare.dispose().catch(() => undefined);
  await engine.close();
  const onePerCall = spread(processes);
  const warm = spread(warms);
  return {
    bench: 'powershell',
    engine: engine.kind,
    unit: 'ms',
    oneProcessPerCall: onePerCall,
    sessionUntilFirstAnswer: spread(colds),
    warmCall: warm,
    nodePowershellInvoke: spread(streams),
    ratio: {
      warmToProcess: Math.round((warm.median / onePerCall.median) * 10_000) / 10_000,
      goal: 0.1,
      met: warm.median <= onePerCall.median * 0.1,
    },
  };
};
