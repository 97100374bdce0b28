/** Where Windows keeps a sign that a restart is due; the word that a person reads for each. */
export const restartSignWords = {
  componentServicing: 'Windows servicing (features, updates)',
  windowsUpdate: 'Windows Update',
  computerRename: 'Computer name',
  domainJoin: 'Domain membership',
  fileRename: 'Files replaced at the next start',
  featureInstall: 'Role or feature',
} as const;
export type RestartSign = keyof typeof restartSignWords;
export const restartSigns = Object.keys(restartSignWords) as [RestartSign, ...RestartSign[]];

/** What collectors wrote for the same signs before they used these names. */
const formerNames: Readonly<Record<string, RestartSign>> = {
  'component servicing': 'componentServicing',
  'Windows Update': 'windowsUpdate',
  'computer name': 'computerRename',
  'domain join': 'domainJoin',
  'file renames': 'fileRename',
};

/** The sign under its name of today; a text that is none of them stays as it is. */
export const restartSignOf = (text: string): string => formerNames[text] ?? text;

/** What a person reads for a sign; a text that is none stays as it is. */
export const restartSignWord = (sign: string): string =>
  Object.hasOwn(restartSignWords, sign) ? restartSignWords[sign as RestartSign] : sign;
