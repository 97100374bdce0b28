/** The answer itself, and the reasons that follow it in smaller letters. */
export const splitSentence = (sentence: string): { head: string; rest: string } => {
  const match = /^(.*?[:.]) (.*)$/su.exec(sentence);
  return { head: match?.[1] ?? sentence, rest: match?.[2] ?? '' };
};
