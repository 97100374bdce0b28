import type { ChangeName } from '../../../shared/changes/index.ts';
import type { ErrorRow } from '../../powershell/index.ts';
import { nicErrors } from './nic-errors.ts';

/** What the errors of each change's script mean: a kind without its rows does not compile. */
export const changeErrors: Readonly<Record<ChangeName, readonly ErrorRow[]>> = {
  'nic.addAddress': nicErrors.addAddress,
  'nic.removeAddress': nicErrors.removeAddress,
};
