// Generates the documents that are derived from tables in the code; with --check it only says which are stale.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importTypeScript } from './setup/import-typescript.mjs';
import { root, say } from './setup/steps.mjs';

/** A bar would end the cell. */
const cell = (text) => text.replaceAll('|', '\\|');

const errorsPage = async () => {
  const { messages } = await importTypeScript('shared/messages/index.ts');
  const rows = Object.entries(messages).map(
    ([code, row]) => `| \`${code}\` | ${cell(row.what)} | ${cell(row.next)} | ${row.retry} | ${row.effect} |`,
  );
  return `# Failures

Generated from \`shared/messages\` by \`npm run docs\`. Names in braces are filled in. *Retry*: when the same call may be made
again. *Effect*: what the failed call changed, unless the message says otherwise.

| Code | What happened | What to do next | Retry | Effect |
|---|---|---|---|---|
${rows.sort().join('\n')}
`;
};

const contractPage = async () => {
  const { contract } = await importTypeScript('shared/contract/index.ts');
  const rows = contract.map((method) => `| \`${method.name}\` | ${method.kind} | ${method.callers.join(', ')} |`);
  return `# The contract

Generated from \`shared/contract\` by \`npm run docs\`. Every method of the product and who may call it. *read* changes nothing;
*change* changes this server or the data folder; *work* lasts and outlives its caller.

| Method | Kind | Callers |
|---|---|---|
${rows.sort().join('\n')}
`;
};

/** Each generated document: its path and how its text is made. Domains add theirs in build/docs/*.mjs. */
const documents = { 'docs/errors.md': errorsPage, 'docs/contract.md': contractPage };

const extra = join(root, 'build', 'docs', 'index.mjs');
if (existsSync(extra)) Object.assign(documents, (await import(pathToFileURL(extra).href)).documents);

const isCheck = process.argv.includes('--check');
let stale = 0;
for (const [path, make] of Object.entries(documents)) {
  const text = await make();
  const target = join(root, path);
  const current = existsSync(target) ? readFileSync(target, 'utf8') : '';
  if (current === text) continue;
  stale += 1;
  if (isCheck) say(`${path} is stale; run npm run docs.`);
  else {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    say(`Wrote ${path}.`);
  }
}
process.exitCode = isCheck && stale > 0 ? 1 : 0;
