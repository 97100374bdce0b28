import type { HelpBook, HelpNode, HelpTag } from './book.ts';

/** A node as it ships: a text, or an array of the tag, where it leads (0: nowhere) and what is in it. A third of the file would be names of fields. */
export type PackedNode = string | readonly [HelpTag, string | 0, ...PackedNode[]];

export interface PackedBook {
  readonly version: string;
  readonly topics: readonly {
    readonly id: string;
    readonly title: string;
    readonly sections: readonly { id: string; title: string; level: number; body: readonly PackedNode[] }[];
  }[];
}

const unpack = (node: PackedNode): HelpNode => {
  if (typeof node === 'string') return node;
  const [tag, to, ...children] = node;
  return { tag, ...(to === 0 ? {} : { to }), children: children.map(unpack) };
};

/** The help as it is shown, of what `packBook` (build/help/book.mjs) wrote. */
export const unpackBook = ({ version, topics }: PackedBook): HelpBook => ({
  version,
  topics: topics.map((topic) => ({
    ...topic,
    sections: topic.sections.map((section) => ({ ...section, body: section.body.map(unpack) })),
  })),
});
