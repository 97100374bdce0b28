/** Something wrong in a cluster file: where, and what in a sentence that begins with the thing. */
export interface FileProblem {
  readonly path: readonly (string | number)[];
  readonly text: string;
}
