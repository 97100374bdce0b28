import * as z from 'zod';
import { assess } from './assess.ts';
import { sitesOf } from './elements.ts';
import type { Model } from './model.ts';
import { keyOf } from './parse-state.ts';
import { grades } from './grades.ts';
import { gradeOf } from './single-points.ts';
import { lossSentence } from './what-if.ts';
import { join } from './words.ts';

export const sitesSchema = z.object({
  sites: z.array(
    z.object({
      name: z.string(),
      nodes: z.array(z.string()),
      targets: z.array(z.string()),
      hasWitness: z.boolean(),
      grade: z.enum(grades),
      /** Whether the loss of the whole site is survived with every virtual machine that is meant to start. */
      survived: z.enum(['yes', 'no', 'unknown']),
      sentence: z.string(),
    }),
  ),
  /** What to look at, as whole sentences. */
  remarks: z.array(z.string()),
});
export type Sites = z.infer<typeof sitesSchema>;

const remarksOf = (model: Model, names: readonly string[]): string[] => {
  const { state } = model;
  const withNodes = names.filter((name) =>
    state.nodes.some(({ site }) => site !== undefined && keyOf(site) === keyOf(name)),
  );
  const remarks: string[] = [];
  if (withNodes.length < 2) return remarks;
  const place = state.witness?.site;
  if (state.witness === null)
    remarks.push('There is no witness: with an even number of votes the site that goes on is left to chance.');
  else if (place === undefined)
    remarks.push('The state does not say where the witness is; it helps most at a third place.');
  else if (withNodes.some((name) => keyOf(name) === keyOf(place)))
    remarks.push(
      `The witness is at ${place}, together with nodes: that site is favored, and its loss takes the witness with it.`,
    );
  else remarks.push(`The witness is at ${place}, apart from every node.`);
  const stretched = state.multiSite?.stretchedSubnets;
  if (stretched == null) remarks.push('The state does not say whether the subnets are stretched over the sites.');
  else
    remarks.push(
      stretched
        ? 'The subnets are stretched: addresses stay the same after a failover.'
        : 'Each site has subnets of its own: addresses change with a failover, and clients find the new ones only when their DNS records have expired.',
    );
  remarks.push(
    state.multiSite?.replication
      ? `Replication, as stated: ${state.multiSite.replication}. It was not proven.`
      : 'The state does not say how the data gets from one site to the other.',
  );
  const homeless = state.nodes.filter(({ site }) => site === undefined).map(({ name }) => name);
  if (homeless.length > 0)
    remarks.push(`The state does not say where ${join(homeless)} ${homeless.length === 1 ? 'is' : 'are'}.`);
  return remarks;
};

export const siteLossesOf = (model: Model): Sites => {
  const names = sitesOf(model.state);
  const isAt =
    (name: string) =>
    (thing: { readonly site?: string | undefined }): boolean =>
      thing.site !== undefined && keyOf(thing.site) === keyOf(name);
  return {
    sites: names.map((name) => {
      const element = model.elements.filter((one) => one.kind === 'site' && keyOf(one.name) === keyOf(name));
      const assessment = assess(model, [element]);
      const grade = gradeOf(assessment);
      return {
        name,
        nodes: model.state.nodes.filter(isAt(name)).map((node) => node.name),
        targets: model.state.targets.filter(isAt(name)).map((target) => target.name),
        hasWitness: model.state.witness ? isAt(name)(model.state.witness) : false,
        grade,
        survived: grade === 'open' ? 'unknown' : grade === 'cluster' || grade === 'machines' ? 'no' : 'yes',
        sentence: lossSentence(model, assessment, 'single'),
      };
    }),
    remarks: remarksOf(model, names),
  };
};
