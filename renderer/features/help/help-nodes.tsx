import type { JSX } from 'react';
import type { HelpElement, HelpNode } from '../../../shared/help/book.ts';
import { useNavigation } from '../../ui/navigation.ts';

const Go = ({ to, stage, children }: { to?: string; stage: string; children: JSX.Element }): JSX.Element => {
  const go = useNavigation((state) => state.go);
  return (
    <button type="button" className="h-link" onClick={() => go(stage, to)}>
      {children}
    </button>
  );
};

const Table = ({ rows }: { rows: readonly HelpNode[] }): JSX.Element => (
  <div className="h-table">
    <table>
      <tbody>
        <HelpNodes nodes={rows} />
      </tbody>
    </table>
  </div>
);

const Element = ({ node: { tag, to, children } }: { node: HelpElement }): JSX.Element => {
  const inner = <HelpNodes nodes={children} />;
  switch (tag) {
    case 'link':
      return (
        <Go stage="help" {...(to === undefined ? {} : { to })}>
          {inner}
        </Go>
      );
    case 'screen':
      return <Go stage={to ?? ''}>{inner}</Go>;
    // Shown to be read: a server has no browser, and often no way out.
    case 'address':
      return (
        <>
          {inner} <span className="q-mono h-address">{to}</span>
        </>
      );
    case 'table':
      return <Table rows={children} />;
    default: {
      const Tag = tag;
      return <Tag>{inner}</Tag>;
    }
  }
};

/** What the help is made of, as elements of the page: no markup is ever read from a text. */
export const HelpNodes = ({ nodes }: { nodes: readonly HelpNode[] }): JSX.Element => (
  <>
    {nodes.map((node, index) =>
      // The tree never changes while it is shown, so that a place in it is a name.
      typeof node === 'string' ? node : <Element key={index} node={node} />,
    )}
  </>
);
