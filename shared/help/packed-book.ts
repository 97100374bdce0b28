import type { HelpBook, HelpNode, HelpTag } from './book.ts';

/**
 * A node as it ships: a text, or an array of the tag, where it leads (a tag of {@link leading} alone) and what is in it. A third of the file would be
 * names of fields.
 */
export type PackedNode = string | readonly [HelpTag, ...PackedNode[]];

export interface PackedBook {
  readonly version: string;
  readonly topics: readonly {
    readonly id: string;
    readonly title: string;
    readonly sections: readonly { id: string; title: string; level: number; body: readonly PackedNode[] }[];
  }[];
}

/** What leads somewhere. */
const leading: readonly HelpTag[] = ['link', 'address', 'screen'];

const unpack = (node: PackedNode): HelpNode => {
  if (typeof node === 'string') return node;
  const [tag, ...rest] = node;
  if (!leading.includes(tag)) return { tag, children: rest.map(unpack) };
  const [to, ...children] = rest;
  return { tag, to: String(to), children: children.map(unpack) };
};

/** The help as it is shown, of what `packBook` (build/help/book.mjs) wrote. */
export const unpackBook = ({ version, topics }: PackedBook): HelpBook => ({
  version,
  topics: topics.map((topic) => ({
    ...topic,
    sections: topic.sections.map((section) => ({ ...section, body: section.body.map(unpack) })),
  })),
});
