import type { LogicalUnit, Purpose } from '../../../shared/model/qualification.ts';

/** learn.microsoft.com/windows-server/failover-clustering/manage-cluster-quorum: a disk witness has at least 512 MB. */
const witnessMinimumBytes = 512n * 1024n * 1024n;
/** Nobody puts virtual machines on so little, and a witness needs no more. */
const witnessLikelyBytes = 5n * 1024n * 1024n * 1024n;

/** What a unit is known by from one look to the next; its number alone means little. */
export const keyOfUnit = (target: string, unit: Pick<LogicalUnit, 'lun' | 'identity'>): string =>
  unit.identity ?? `${target} ${unit.lun}`;

/** What a unit probably is for, by its size. */
export const suggestPurpose = ({ sizeBytes }: Pick<LogicalUnit, 'sizeBytes'>): Purpose =>
  sizeBytes !== null && BigInt(sizeBytes) <= witnessLikelyBytes ? 'witness' : 'vm';

/** Why a unit cannot be what it is meant for; null where its size fits. */
export const whyUnfit = (purpose: Purpose, { sizeBytes }: Pick<LogicalUnit, 'sizeBytes'>): string | null =>
  purpose === 'witness' && sizeBytes !== null && BigInt(sizeBytes) < witnessMinimumBytes
    ? 'A witness needs at least 512 MB.'
    : null;
