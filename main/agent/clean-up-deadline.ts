/** How long activities that were cancelled may take to undo what must not stay, in milliseconds: an answer that does not come must not hold up the end for ever. */
export const cleanUpDeadlineMs = 15_000;
