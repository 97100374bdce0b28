import * as z from 'zod';

/**
 * Most schemas are used once in a session: compiling each into a function costs more than it saves, and it is on the way to the first
 * verdict. A file of its own, because importing all of zod when it is needed would bundle all of it, its messages in forty languages too.
 */
export const compileNoSchemas = (): void => {
  z.config({ jitless: true });
};
