import * as z from 'zod';
import { whyUnread } from '../../model/observed.ts';
import { judge, unknown } from '../done.ts';
import type { ChangeKind } from '../kind.ts';

const schema = z.object({ do: z.literal('initiator.setService'), running: z.boolean() });

/** Starts the service MSiSCSI and lets it start by itself from now on; or stops it and makes it manual. */
export const setService: ChangeKind<typeof schema, 'initiator'> = {
  schema,
  area: 'initiator',
  script: 'Set-InitiatorService',
  timeoutMs: 120_000,
  subject: ({ running }) => [String(running)],
  words: ({ running }, { state }) => ({
    title: running
      ? 'Start the Microsoft iSCSI Initiator Service and set its startup type to Automatic'
      : 'Stop the Microsoft iSCSI Initiator Service and set its startup type to Manual',
    why: `It is ${state.service.state ?? 'in an unknown state'}; its startup type is ${state.service.startMode ?? 'not known'}.`,
    manual: 'Services (services.msc): Microsoft iSCSI Initiator Service.',
  }),
  undo: (_change, { state: { service } }) => {
    const wasOn = service.state === 'running' && service.startMode === 'automatic';
    return {
      text: wasOn ? 'Starts it again.' : 'Stops it again and sets its startup type to Manual.',
      changes: [{ do: 'initiator.setService', running: wasOn }],
    };
  },
  done: ({ running }, { state }) => {
    const { state: current, startMode } = state.service;
    if (current === null) return unknown(whyUnread(state, 'service') ?? 'service was not read');
    return judge(
      running ? current === 'running' && startMode === 'automatic' : current === 'stopped' && startMode !== 'automatic',
      `the service is ${current}, start mode ${startMode ?? 'not read'}`,
    );
  },
};
