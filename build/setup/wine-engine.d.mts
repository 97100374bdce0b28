/** The published engine of PowerShell for Windows in .cache, or why it is not there. */
export const findWineEngine: () => { readonly folder: string } | { readonly missing: string };
