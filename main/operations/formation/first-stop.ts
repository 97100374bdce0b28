import { failure, type Failure } from '../../../shared/errors/failure.ts';
import type { FormationPlan } from '../../../shared/model/formation.ts';

/** What a formation ends with that can do nothing more: the first stop of its plan (FORM_STOPPED). */
export const firstStop = ({ stops }: FormationPlan): Failure => {
  const [stop] = stops;
  return stop
    ? failure('FORM_STOPPED', {
        server: stop.server,
        what: stop.what,
        next: stop.next,
        code: stop.code,
        phase: stop.phase,
      })
    : failure('INTERNAL_BUG', { message: 'a formation stopped without a reason' });
};
