import { quoteText } from './literal.ts';
import type { VerifiedScript } from './script-store.ts';
import { isCredential, isRevealable } from './wire.ts';

/** What a rendered text asks its reader for: one prompt for each secret. */
interface Prompts {
  readonly lines: string[];
}

const plainKey = /^[A-Za-z_][A-Za-z0-9_]*$/;

const toLiteral = (value: unknown, name: string, prompts: Prompts): string => {
  if (value === null || value === undefined) return '$null';
  if (typeof value === 'boolean') return value ? '$true' : '$false';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '$null';
  if (typeof value === 'bigint') return `'${value}'`;
  if (typeof value === 'string') return quoteText(value);
  if (value instanceof Date) return quoteText(value.toISOString());
  if (isRevealable(value)) {
    const variable = `$secret${prompts.lines.length + 1}`;
    prompts.lines.push(`${variable} = Read-Host -AsSecureString -Prompt ${quoteText(name)}`);
    return variable;
  }
  if (isCredential(value)) {
    const variable = `$secret${prompts.lines.length + 1}`;
    prompts.lines.push(`${variable} = Read-Host -AsSecureString -Prompt ${quoteText(`Password of ${value.userName}`)}`);
    return `([System.Management.Automation.PSCredential]::new(${quoteText(value.userName)}, ${variable}))`;
  }
  if (Array.isArray(value)) return `@(${value.map((item) => toLiteral(item, name, prompts)).join(', ')})`;
  const inner = Object.entries(value).map(
    ([key, item]) => `${plainKey.test(key) ? key : quoteText(key)} = ${toLiteral(item, key, prompts)}`,
  );
  return `@{ ${inner.join('; ')} }`;
};

/** The functions of the support file, by name, each with its text. */
const splitFunctions = (support: string): ReadonlyMap<string, string> =>
  new Map([...support.matchAll(/^function ([A-Za-z0-9-]+) \{\n[\s\S]*?^\}$/gm)].map((match) => [match[1]!, match[0]]));

const escapeName = (name: string): RegExp => new RegExp(`(?<![\\w-])${name}(?![\\w-])`, 'i');

/** The support functions that a text uses, and those that these use. */
const usedFunctions = (text: string, support: string): string[] => {
  const all = splitFunctions(support);
  const used = new Set<string>();
  const look = (part: string): void => {
    for (const [name, body] of all) {
      if (!used.has(name) && escapeName(name).test(part)) {
        used.add(name);
        look(body);
      }
    }
  };
  look(text);
  return [...all].filter(([name]) => used.has(name)).map(([, body]) => body);
};

/**
 * The PowerShell text that does what the script would do with this input: readable, whole, and free of secrets, which it
 * asks for instead. A person pastes it into an elevated Windows PowerShell 5.1; it prints the script's result.
 */
export const renderScript = (script: VerifiedScript, support: string, input: object): string => {
  const prompts: Prompts = { lines: [] };
  const parameters = Object.entries(input)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${name} = ${toLiteral(value, name, prompts)}`);
  const variables = support
    .split('\n')
    .filter((line) => /^\$script:Quorate\w+ =/.test(line))
    .map((line) => line.replace('$script:', '$'));
  const functions = usedFunctions(script.text, support).map((body) => body.replaceAll('$script:', '$'));
  const neededVariables = variables.filter((line) => {
    const name = /^\$(\w+)/.exec(line)![1]!;
    return functions.some((body) => body.includes(`$${name}`));
  });
  const lines = [
    `# ${script.name}, as Quorate runs it. For an elevated Windows PowerShell 5.1 on ${script.os.map((os) => `Windows Server ${os}`).join(', ')}.`,
    script.changes === 'nothing' ? '# It changes nothing.' : '# It changes this server.',
    '& {',
    // Global, because the functions of Windows' CIM modules do not see the preferences of the script that calls them.
    '$previous = $global:ErrorActionPreference, $global:ConfirmPreference',
    "try { $global:ErrorActionPreference = 'Stop'; $global:ConfirmPreference = 'None'",
    ...neededVariables,
    ...functions,
    ...prompts.lines,
    `$parameters = @{${parameters.length > 0 ? `\n${parameters.map((line) => `    ${line}`).join('\n')}\n` : ''}}`,
    '& {',
    script.text.trimEnd(),
    '} @parameters',
    '} finally { $global:ErrorActionPreference, $global:ConfirmPreference = $previous } }',
  ];
  // An empty line ends a statement that is pasted into a console without PSReadLine.
  return `${lines
    .join('\n')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .join('\n')}\n`;
};
