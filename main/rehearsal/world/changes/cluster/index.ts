/* What a cluster's changes do to the world, by subject. */
export * from './whole.ts';
export * from './nodes.ts';
export * from './networks.ts';
export * from './disks.ts';
export * from './quorum.ts';
export * from './groups.ts';
export * from './drill.ts';
export * from './name.ts';
