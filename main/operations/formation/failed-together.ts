import { explain, Failure, toEnvelope } from '../../../shared/errors/failure.ts';

/** Of how many others it is said what failed; how many more there are is a number. */
const most = 2;

/**
 * The failure that a round of a formation ends with, with what failed on other servers before they stopped (`besides`, sentences): one cause may be
 * there, such as a server without power whose cluster stopped on this one.
 */
export const failedTogether = (told: unknown, all: readonly unknown[]): unknown => {
  const others = all.filter((one) => one instanceof Failure && one !== told && one.code !== 'CANCELLED');
  if (!(told instanceof Failure) || told.code === 'CANCELLED' || others.length === 0) return told;
  const more = others.length > most ? [`And ${others.length - most} more.`] : [];
  const besides = [...others.slice(0, most).map((one) => explain(toEnvelope(one)).what), ...more].join(' ');
  return new Failure(
    told.code,
    { ...told.detail, besides },
    { effect: told.effect, retry: told.retry, cause: told.cause },
  );
};
