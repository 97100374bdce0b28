/** The highest number that a single-level LUN can have: 24 bits of extended flat space addressing (SAM-5 section 4.7.7.5). */
export const maxLunNumber = 0xff_ffff;
