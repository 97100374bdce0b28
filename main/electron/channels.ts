/** The only channels between page and main process: one typed call, its progress, its cancellation, one stream of events, and whether the core answers. */
export const channels = {
  call: 'quorate:call',
  cancel: 'quorate:cancel',
  progress: 'quorate:progress',
  activity: 'quorate:activity',
  link: 'quorate:link',
} as const;

/** The page's own origin; messages from any other sender are refused. */
export const pageScheme = 'quorate';
export const pageOrigin = `${pageScheme}://app`;
