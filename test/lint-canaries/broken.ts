// Breaks one rule a line; test/unit/layers/lint.test.ts says which.
import { z } from 'zod';
type Answer = 'yes' | 'no';
export const canary = async (answer: Answer, given: any): Promise<void> => {
  switch (answer) {
    case 'yes':
      console.log(given.text);
  }
  if (answer == 'no') throw 'a text';
  Promise.resolve(1);
  [1].forEach(async () => {});
  const unused = `${{}}`;
  z.string();
};
