import * as z from 'zod';
import type { Runner } from '../../../main/powershell/index.ts';

/**
 * A full PowerShell has real commands that change this machine, on Linux too (Restart-Computer). So a script that changes
 * something is first looked at in the session that would run it: each of its commands has to come from a simulated module,
 * from the session itself, or be one that changes nothing.
 */

const originSchema = z.array(z.object({ name: z.string(), kind: z.string(), module: z.string() }));
type Origin = z.output<typeof originSchema>[number];

/** Verbs of PowerShell's own modules whose commands leave the machine as it is. */
const harmless =
  /^(Compare|ConvertFrom|ConvertTo|Export|ForEach|Get|Group|Import|Join|Measure|Out|Resolve|Select|Sort|Split|Test|Where|Write)-|^(Set-StrictMode|Start-Sleep|New-Object)$/i;
const ownModule = /^Microsoft\.PowerShell\.(Core|Utility|Management)$/;

/** Scripts that run the text they are given. */
const runsItsText: readonly string[] = ['Test-Snippet'];

const isHarmless = ({ name, kind, module }: Origin, simulated: ReadonlySet<string>): boolean => {
  if (kind === 'Function') return module === '' || simulated.has(module);
  return kind === 'Cmdlet' && ownModule.test(module) && harmless.test(name.replace(/^.*\\/, ''));
};

/** The runner, refusing what would reach a real command. `simulated` are the names of the simulated modules. */
export const guardRunner = (runner: Runner, simulated: readonly string[]): Runner => {
  const names = new Set(simulated);
  const looks = new Map<string, Promise<void>>();
  const look = async (what: string, text: string): Promise<void> => {
    const answer = await runner.run('Get-CommandOrigin', { text }, { output: originSchema });
    const real = answer.ok ? answer.data.filter((one) => !isHarmless(one, names)) : [];
    if (real.length === 0) return;
    const found = real.map(({ name, kind, module }) => `${name} (${kind}${module ? ` of ${module}` : ''})`);
    throw new Error(`${what} would reach this machine itself: ${found.join(', ')}`);
  };
  const lookOnce = (what: string, text: string): Promise<void> => {
    const known = looks.get(text);
    if (known) return known;
    const begun = look(what, text);
    looks.set(text, begun);
    begun.catch(() => looks.delete(text));
    return begun;
  };
  return {
    ...runner,
    get counts() {
      return runner.counts;
    },
    async run(name, input, options) {
      const script = await runner.scripts.read(name).catch(() => null);
      if (script && script.changes !== 'nothing') await lookOnce(name, script.text);
      const text = (input as { text?: unknown }).text;
      if (runsItsText.includes(name) && typeof text === 'string') await lookOnce(`the text for ${name}`, text);
      return runner.run(name, input, options);
    },
  };
};
