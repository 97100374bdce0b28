import type { JSX } from 'react';
import type { FormationDecision } from '../../../shared/model/formation.ts';
import { OutcomeIcon } from '../../ui/outcome.tsx';

/** What the file decides, in a table that is read in a minute; each line leads to its place in the text. */
export const Decisions = ({
  decisions,
  onGo,
}: {
  decisions: readonly FormationDecision[];
  onGo: (line: number, column: number) => void;
}): JSX.Element | null => {
  if (decisions.length === 0) return null;
  const guessed = decisions.filter(({ isGuessed }) => isGuessed).length;
  return (
    <>
      <h3>What it decides</h3>
      <p>
        {guessed === 0
          ? 'Nothing in it is guessed.'
          : `${guessed === 1 ? 'One of these is' : `${guessed} of these are`} guessed: look at ${guessed === 1 ? 'it' : 'them'} first.`}
      </p>
      <div className="q-scroll">
        <table className="t-table g-decisions" aria-label="Decisions of the cluster file">
          <thead>
            <tr>
              <th scope="col">Decision</th>
              <th scope="col">In the file</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {decisions.map(({ id, title, value, reason, isGuessed, line, column }) => (
              <tr key={id} data-key={id}>
                <th scope="row">
                  <button type="button" className="q-link" onClick={() => onGo(line, column)}>
                    {title}
                  </button>
                </th>
                <td>
                  {isGuessed ? (
                    <span className="q-said">
                      <OutcomeIcon outcome="warn" />
                      <span>
                        Guessed: <bdi>{value}</bdi>
                      </span>
                    </span>
                  ) : (
                    <bdi>{value}</bdi>
                  )}
                </td>
                <td>{reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
};
