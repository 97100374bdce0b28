/** What a loss stops, gravest first. `open`: it may stop something, and cannot be foretold or is not known. */
export const grades = ['cluster', 'machines', 'open', 'interruption', 'none'] as const;
export type Grade = (typeof grades)[number];

/** The higher, the graver. */
export const gravityOf = (grade: Grade): number => grades.length - grades.indexOf(grade);

/** A single point of failure is what stops, or may stop, more than can restart by itself. */
export const isGrave = (grade: Grade): boolean => gravityOf(grade) >= gravityOf('open');
