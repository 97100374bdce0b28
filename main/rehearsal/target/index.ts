export { chapAlgorithms } from './chap.ts';
export type { ChapAlgorithm, ChapCredentials, ChapSettings } from './chap.ts';
export type { TargetEvent } from './events.ts';
export { loginStatus } from './login.ts';
export { EmbeddedTarget, startEmbeddedTarget } from './target-server.ts';
export { isLoopback } from './target-options.ts';
export type { EmbeddedTargetOptions, ListenAddress, SessionInfo, TargetOptions } from './target-options.ts';
export { PracticeTargets } from './practice-targets.ts';
