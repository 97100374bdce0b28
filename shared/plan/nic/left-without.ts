import type { StepResult } from '../../contract/apply.ts';
import type { Change } from '../../changes/index.ts';
import { addressFamilyOf, type AddressFamily } from '../../model/address.ts';
import { zonedTime } from '../../model/time.ts';
import type { NetworkObserved } from '../observed.ts';
import { isLinkLocal } from './final-state.ts';

interface RunStep {
  readonly change: Change;
  readonly state: StepResult['state'];
}

/** An adapter and a family whose address a step may have taken away while the one that was to take its place was not given. */
interface Bereft {
  readonly nic: string;
  readonly family: AddressFamily;
}

const notGiven: readonly StepResult['state'][] = ['waiting', 'failed', 'unknown'];

const takesAway = (change: Change): Bereft | null => {
  if (change.do === 'nic.setDhcp' && !change.enabled) return { nic: change.nic, family: change.family };
  const family = change.do === 'nic.removeAddress' ? addressFamilyOf(change.address) : null;
  return change.do === 'nic.removeAddress' && family !== null ? { nic: change.nic, family } : null;
};

/** Where a run that stopped may have left an adapter without an address; each once. */
export const perhapsBereft = (steps: readonly RunStep[]): Bereft[] => {
  const found = new Map<string, Bereft>();
  for (const { change, state } of steps) {
    const taken = state === 'waiting' ? null : takesAway(change);
    const isLeft = steps.some(
      (one) =>
        one.change.do === 'nic.addAddress' &&
        one.change.nic === taken?.nic &&
        addressFamilyOf(one.change.address) === taken.family &&
        notGiven.includes(one.state),
    );
    if (taken && isLeft) found.set(`${taken.nic} ${taken.family}`, taken);
  }
  return [...found.values()];
};

/**
 * What has to be said at once after a run that stopped between taking an address away and giving the next; null where every adapter has one.
 * @param wayBack how what was there comes back: the entry in the journal of a single change, or that a formation did it
 * @param observed the server after the run; null: it could not be read
 * @param revertsAt when the server puts the adapters back by itself (ISO 8601); null: it does not
 */
export const leftWithoutAddress = (
  steps: readonly RunStep[],
  observed: Pick<NetworkObserved, 'nics'> | null,
  wayBack: { readonly journal: string } | 'formation',
  revertsAt: string | null,
): string | null => {
  const said = perhapsBereft(steps).flatMap(({ nic: guid, family }) => {
    const nic = observed?.nics.find(({ interfaceGuid }) => interfaceGuid === guid);
    const name = family === 'ipv4' ? 'IPv4' : 'IPv6';
    if (!nic?.addresses) return [`Whether ${nic?.name ?? 'the adapter'} has an ${name} address now could not be read.`];
    const has = nic.addresses.some((one) => one.family === family && !isLinkLocal(one.address));
    return has ? [] : [`${nic.name} has no ${name} address now.`];
  });
  if (said.length === 0) return null;
  const byItself =
    revertsAt === null ? '' : ` If you do not, the server puts it back by itself at ${zonedTime(revertsAt)}.`;
  const back =
    wayBack === 'formation'
      ? 'Continue the formation ("quorate form resume") to give it the next one, or undo the formation ("quorate form undo") to give back what was there.'
      : `Undo this change in History (quorate journal undo ${wayBack.journal}) to give back what was there.`;
  return `${said.join(' ')} ${back}${byItself}`;
};
