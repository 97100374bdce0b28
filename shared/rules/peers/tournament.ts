/**
 * The rounds of a tournament in which everybody meets everybody once and nobody is in two meetings of a round: the circle method. `count` players
 * take count - 1 rounds, one more where their number is odd (somebody then rests in each). Players are numbers from 0.
 */
export const tournament = (count: number): (readonly (readonly [number, number])[])[] => {
  if (count < 2) return [];
  const seats = count + (count % 2);
  const rest = count % 2 === 1 ? count : null;
  return Array.from({ length: seats - 1 }, (_, round) => {
    // The last seat stays, all others move one place on.
    const at = (place: number): number => (place === seats - 1 ? place : (place + round) % (seats - 1));
    return Array.from({ length: seats / 2 }, (_unused, place): [number, number] => {
      const one = at(place);
      const other = at(seats - 1 - place);
      return one < other ? [one, other] : [other, one];
    }).filter(([one, other]) => one !== rest && other !== rest);
  });
};
