import * as z from 'zod';
import type { NameLookup } from '../../shared/model/name-lookup.ts';
import type { CallOptions } from '../ports/call.ts';
import type { Runner } from '../powershell/index.ts';
import { readWith } from './call.ts';
import { Gathering, partOf } from './part.ts';

const texts = z.array(z.string());
const answerSchema = z.object({
  inDomain: z.boolean(),
  addresses: partOf(texts),
  object: partOf(
    z
      .object({
        distinguishedName: z.string(),
        accountControl: z.number().nullable(),
        servicePrincipalNames: texts,
        writable: texts,
      })
      .nullable(),
  ),
  container: partOf(z.object({ distinguishedName: z.string(), classes: texts, creatable: texts }).nullable()),
});

/** ACCOUNTDISABLE ([MS-ADTS] 2.2.16). */
const disabled = 0x2;

const has = (list: readonly string[], name: string): boolean => list.some((one) => one.toLowerCase() === name);

/** What the account may write of a prestaged object is listed by the directory itself; it lists nothing where it does not say. */
const isWritable = (writable: readonly string[]): boolean | null =>
  writable.length === 0 ? null : has(writable, 'useraccountcontrol') && has(writable, 'serviceprincipalname');

/** Looks a name up over a script. */
export const lookUpName = async (runner: Runner, name: string, options?: CallOptions): Promise<NameLookup> => {
  const call = { script: 'Get-ClusterNameLookup', input: { name }, timeoutMs: 120_000 };
  const answer = await readWith(runner, call, answerSchema, { call: options, errors: [] });
  const gathering = new Gathering();
  const object = gathering.read('object', answer.object);
  const container = gathering.read('container', answer.container);
  return {
    name,
    isInDomain: answer.inDomain,
    addresses: gathering.read('addresses', answer.addresses),
    object: object && {
      distinguishedName: object.distinguishedName,
      isDisabled: object.accountControl !== null && (object.accountControl & disabled) !== 0,
      isCluster: object.servicePrincipalNames.some((spn) =>
        /^(MSServerClusterMgmtAPI|MSClusterVirtualServer)\//i.test(spn),
      ),
      isWritable: isWritable(object.writable),
    },
    container: container && {
      distinguishedName: container.distinguishedName,
      // What may be created at all is listed for everybody; without that list the other one means nothing.
      canCreateComputers: has(container.classes, 'computer') ? has(container.creatable, 'computer') : null,
    },
    unread: gathering.unread,
  };
};
