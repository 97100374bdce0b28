/** Publishes the engine unless it is here; why it cannot be had, or null. */
export const ensureWineEngine: () => string | null;
/** The published engine of PowerShell for Windows in .cache, or why it is not there. */
export const findWineEngine: () => { readonly folder: string } | { readonly missing: string };
