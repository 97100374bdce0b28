import { isConflict } from '../runner/absence.ts';
import type { Laboratory } from '../runner/laboratory.ts';
import { NotPassed } from '../runner/not-passed.ts';
import { together } from '../runner/together.ts';
import { decidingType, holdDeciding, onFreeUnit } from './steps.ts';

/**
 * Both initiators of a run have one name where the target admits no second one. Some targets then take the registration of the one for the other's, and what
 * a registered node may do shows itself to nobody. RELEASE tells: by a registered initiator that does not hold anything it is GOOD (SPC-4 section 5.13.11.2.2),
 * and a conflict where the device takes its key for a wrong key of the holder. Asked once a run, and only after a failure.
 */
const areOne = async (laboratory: Laboratory): Promise<boolean> => {
  let isOne = false;
  await onFreeUnit(async () => {
    await together([holdDeciding(laboratory), laboratory.b.session()]);
    await laboratory.register(laboratory.b, laboratory.keyB);
    const outcome = await laboratory.reserveOut(
      laboratory.b,
      'Releasing PR reserve as the second initiator, which holds nothing: GOOD where the two are told apart',
      { action: 'release', type: decidingType, key: laboratory.keyB },
    );
    isOne = isConflict(outcome);
  })(laboratory, {});
  return isOne;
};

/** Why a failure proves nothing where both initiators have one name; null where the target tells them apart, or they have two. */
export const explainOneName = async (laboratory: Laboratory): Promise<string | null> => {
  if (laboratory.initiators.oneName === null) return null;
  if (laboratory.isOneInitiator === null) {
    try {
      laboratory.isOneInitiator = await areOne(laboratory);
    } catch (error) {
      if (!(error instanceof NotPassed)) throw error;
      laboratory.isOneInitiator = false;
    }
  }
  return laboratory.isOneInitiator
    ? `the target takes two sessions of ${laboratory.a.name} for one initiator, and admits no other name: name a second admitted initiator (--second-initiator)`
    : null;
};
