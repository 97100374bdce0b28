export { EmbeddedTarget, startEmbeddedTarget } from './target-server.ts';
export type { TargetOptions } from './target-options.ts';
export { PracticeTargets } from './practice-targets.ts';
