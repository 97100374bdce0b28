import * as z from 'zod';
import { bindings } from '../../model/nic.ts';
import { judge, unknown } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { connectionsTool, judgeNic, nicName } from './nic.ts';

const schema = z.object({
  do: z.literal('nic.setBinding'),
  /** InterfaceGuid. */
  nic: z.string(),
  /** Such as `ms_server`. */
  componentId: z.string(),
  enabled: z.boolean(),
});

const componentNames: Readonly<Record<string, string>> = {
  [bindings.fileAndPrinterSharing]: 'File and Printer Sharing',
};

/** Binds or unbinds a component. Throws `NIC_BINDING_NOT_FOUND`. */
export const setBinding: ChangeKind<typeof schema, 'network'> = {
  schema,
  area: 'network',
  script: 'Set-NicBinding',
  subject: ({ nic, componentId }) => [nic, componentId],
  words: ({ nic, componentId, enabled }, observed) => {
    const component = componentNames[componentId] ?? componentId;
    return {
      title: `${enabled ? 'Bind' : 'Unbind'} ${component} ${enabled ? 'to' : 'from'} ${nicName(observed, nic)}`,
      why: `It is ${enabled ? 'not bound' : 'bound'}.`,
      manual: `${connectionsTool}: Properties, ${component} for Microsoft Networks.`,
    };
  },
  undo: ({ nic, componentId, enabled }) => ({
    text: `${enabled ? 'Unbinds' : 'Binds'} it again.`,
    changes: [{ do: 'nic.setBinding', nic, componentId, enabled: !enabled }],
  }),
  done: ({ nic, componentId, enabled }, observed) =>
    judgeNic(observed, nic, 'bindings', (found) => {
      const isBound = found[componentId];
      return isBound === undefined
        ? unknown(`${componentNames[componentId] ?? componentId} is not installed`)
        : judge(
            isBound === enabled,
            `${componentNames[componentId] ?? componentId} is ${isBound ? 'bound' : 'not bound'}`,
          );
    }),
};
