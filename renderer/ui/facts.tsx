import type { JSX, ReactNode } from 'react';
import { Because } from './because.tsx';
import { OutcomeIcon } from './outcome.tsx';

/** What is not known says so, with the reason where there is one; it never looks like "no" or "none". */
export const NotKnown = ({ because }: { because?: string | null }): JSX.Element => (
  <span className="q-not-known">
    <OutcomeIcon outcome="unknown" />{' '}
    <span>
      Not known
      {because ? (
        <>
          : <Because of={because} />
        </>
      ) : null}
    </span>
  </span>
);

/** Facts with their names. A null value is not known. */
export const Facts = ({
  rows,
}: {
  rows: readonly (readonly [name: string, value: ReactNode, because?: string | null])[];
}): JSX.Element => (
  <dl className="s-facts">
    {rows.map(([name, value, because]) => (
      <div key={name} className="s-fact">
        <dt>{name}</dt>
        <dd>{value === null || value === undefined ? <NotKnown because={because ?? null} /> : value}</dd>
      </div>
    ))}
  </dl>
);

/** An identifier or an address, in figures, never turned by the text around it. */
export const Mono = ({ children }: { children: string | number }): JSX.Element => (
  <bdi className="q-mono" dir="ltr">
    {children}
  </bdi>
);
