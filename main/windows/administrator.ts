import * as z from 'zod';
import type { CallOptions } from '../ports/call.ts';
import type { Runner } from '../powershell/index.ts';
import { readWith } from './call.ts';
import { partOf } from './part.ts';

const schema = z.looseObject({ isAdministrator: partOf(z.boolean()) });

/**
 * Whether this session has an administrator's rights; null when that cannot be read. For refusals that Windows gives
 * for two reasons, of which the missing rights are one.
 */
export const readAdministrator = async (runner: Runner, options?: CallOptions): Promise<boolean | null> => {
  try {
    const call = { script: 'Get-HostState', input: {} };
    const { isAdministrator } = await readWith(runner, call, schema, { call: options, errors: [] });
    return isAdministrator.ok ? isAdministrator.data : null;
  } catch {
    return null;
  }
};
