export { EmbeddedTarget, startEmbeddedTarget } from './target-server.ts';
export { PracticeTargets } from './practice-targets.ts';
