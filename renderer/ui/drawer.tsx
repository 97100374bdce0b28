import type { JSX, ReactNode } from 'react';
import { Panel } from './panel.tsx';

/** What opens beside the page for one thing on it: it covers the right side, takes the focus, and Escape closes it. */
export const Drawer = ({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: ReactNode;
}): JSX.Element => (
  <div className="q-drawer">
    <Panel title={title} onClose={onClose}>
      {children}
    </Panel>
  </div>
);
