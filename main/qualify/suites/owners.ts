import { formatReservationKey, scsi, type Owners, type ScsiOutcome } from '../../iscsi/index.ts';
import type { Figures } from '../runner/proofs.ts';
import type { Laboratory } from '../runner/laboratory.ts';
import type { Nexus } from '../runner/nexus.ts';
import { failed, inconclusive } from '../runner/not-passed.ts';
import { describeOutcome } from '../runner/remove-key.ts';
import { describeHolder } from '../runner/strangers.ts';

export const ownersId = 'Reservations.Status.Owners';

export const askFullStatus = (laboratory: Laboratory, nexus: Nexus): Promise<ScsiOutcome<Owners>> =>
  laboratory.ask(nexus, 'Attempting to read the full PR status', (on) => scsi.readFullStatus(on, laboratory.lun));

/** Both initiators must be shown by their names, the first one as the holder. */
export const judgeOwners = (laboratory: Laboratory, full: ScsiOutcome<Owners>, figures: Figures): void => {
  if (!full.ok) throw inconclusive(`the device does not have READ FULL STATUS (${describeOutcome(full)})`);
  if (full.value.notAsked === 'tooMany')
    throw inconclusive(`not asked: too many registrations (${full.value.keys.length}) for one answer`);
  if (full.value.missing.length > 0)
    throw failed(
      `the full status leaves out ${full.value.missing.map(formatReservationKey).join(', ')}, which READ KEYS shows`,
    );
  for (const [nexus, key] of [
    [laboratory.a, laboratory.keyA],
    [laboratory.b, laboratory.keyB],
  ] as const) {
    const shown = full.value.registrations.find((one) => one.key === key);
    const holder = shown ? describeHolder(shown.transportId) : null;
    figures[`initiator${nexus.label}`] = holder ?? 'not reported';
    if (!shown) throw failed(`the key of initiator ${nexus.label} is missing in the full status`);
    if (shown.transportId.protocol !== 'iscsi' || shown.transportId.name !== nexus.name)
      throw failed(`the key of ${nexus.name} is shown as that of ${holder ?? 'nobody'}`);
    if ((shown.holder !== undefined) !== (nexus === laboratory.a))
      throw failed(`${nexus.name} is shown ${shown.holder ? 'as the holder' : 'as if it held nothing'}`);
  }
};
