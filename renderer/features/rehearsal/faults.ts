import { faultFields, type FaultInput, type FaultKind } from '../../../shared/model/rehearsal-faults.ts';

/** A fault as it is asked for; the contract's own schema judges it. What is left empty is left out. */
export const faultOf = (kind: FaultKind, values: Readonly<Record<string, string | undefined>>): FaultInput =>
  Object.fromEntries([
    ['kind', kind],
    ...faultFields(kind).flatMap(({ name, isOptional }) => {
      const value = values[name]?.trim() ?? '';
      return value === '' && isOptional ? [] : [[name, value]];
    }),
  ]) as FaultInput;
