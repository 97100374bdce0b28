import type { JSX } from 'react';
import type { Advice } from '../../../shared/availability/advisor.ts';
import { judgementWords } from '../../../shared/availability/words.ts';
import { StagePart } from '../../ui/stage-head.tsx';

/** What the next investment buys: rungs in order, then what helps nothing here, with the reason. */
export const Ladder = ({ advice }: { advice: readonly Advice[] }): JSX.Element => {
  const rungs = advice.filter(({ order }) => order !== null);
  const rest = advice.filter(({ order }) => order === null);
  return (
    <StagePart
      id="ladder"
      title="What the next investment buys"
      says="Each add-on is judged by running the analysis with it and with those above it. Quorate does not state prices."
    >
      {rungs.length === 0 ? <p>No add-on removes a single point of failure from this configuration.</p> : null}
      <ol className="a-ladder">
        {rungs.map((one) => (
          <li key={one.id} className="a-rung" value={one.order ?? undefined}>
            <h3>
              {one.title} <span className="q-quiet">complexity {one.complexity} of 5</span>
            </h3>
            <p>
              <bdi>{one.sentence}</bdi>
            </p>
            <ul>
              {one.needs.map((need) => (
                <li key={need}>
                  <bdi>{need}</bdi>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
      <table className="t-table" aria-label="Other add-ons">
        <thead>
          <tr>
            <th scope="col">Other add-ons</th>
            <th scope="col">Judgement</th>
            <th scope="col">Because</th>
          </tr>
        </thead>
        <tbody>
          {rest.map((one) => (
            <tr key={one.id}>
              <td>{one.title}</td>
              <td>{judgementWords[one.judgement]}</td>
              <td>
                <bdi>{one.sentence}</bdi>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </StagePart>
  );
};
