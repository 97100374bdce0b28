/** What a drill can take away. */
export const drillKinds = ['nic', 'path', 'node', 'target', 'witness'] as const;
export type DrillKind = (typeof drillKinds)[number];

/** How long something stays away, in seconds. */
export const leastHoldSeconds = 5;
export const mostHoldSeconds = 1800;
