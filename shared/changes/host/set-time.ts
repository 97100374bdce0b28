import * as z from 'zod';
import { timeSettingSchema, type TimeSource } from '../../model/host.ts';
import { whyUnread } from '../../model/observed.ts';
import { no, unknown, yes } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { isSameName } from '../../model/names.ts';

const schema = z.object({ do: z.literal('host.setTime'), setting: timeSettingSchema });
type Setting = z.output<typeof timeSettingSchema>;

/** Does the server take its time from there, whether or not the service runs? */
export const isTimeFrom = (time: TimeSource, setting: Setting): boolean =>
  setting.kind === 'domain'
    ? time.type === 'NT5DS'
    : time.type === 'NTP' &&
      time.servers.length === setting.servers.length &&
      time.servers.every((server) => setting.servers.some((wanted) => isSameName(wanted, server)));

const sourceText = ({ type, servers }: TimeSource): string => {
  switch (type) {
    case 'NT5DS':
      return 'the domain';
    case 'NTP':
      return servers.length > 0 ? servers.join(', ') : 'servers that are not named';
    case 'AllSync':
      return 'the domain and servers';
    case 'NoSync':
      return 'nowhere';
    case null:
      return 'an unknown source';
  }
};

const whatIsFound = (time: TimeSource | null, setting: Setting): string => {
  if (!time || !isTimeFrom(time, setting))
    return `It takes its time from ${time ? sourceText(time) : 'an unknown source'}.`;
  return time.serviceState === 'running'
    ? 'Windows stops the time service of a server in a workgroup after each restart, because its trigger is the membership of a domain.'
    : 'The time service does not run.';
};

/**
 * Sets where the time comes from and (re)starts the time service. Throws `HOST_NOT_IN_DOMAIN` for the domain's time.
 */
export const setTime: ChangeKind<typeof schema, 'host'> = {
  schema,
  area: 'host',
  script: 'Set-TimeSource',
  parameters: ({ setting }) => ({
    kind: setting.kind,
    server: setting.kind === 'servers' ? setting.servers : null,
  }),
  subject: () => [],
  words: ({ setting }, { facts, time }) => ({
    title:
      setting.kind === 'domain'
        ? `Let ${facts.computerName} take its time from its domain`
        : `Let ${facts.computerName} take its time from ${setting.servers.join(', ')}`,
    why: `${whatIsFound(time, setting)} Kerberos refuses clocks that differ by more than five minutes.`,
    manual:
      setting.kind === 'domain'
        ? 'w32tm /config /syncfromflags:domhier /update'
        : `w32tm /config /manualpeerlist:"${setting.servers.join(' ')}" /syncfromflags:manual /update; sc triggerinfo w32time start/networkon stop/networkoff`,
  }),
  undo: ({ setting }, { time }) => {
    if (time?.type !== 'NT5DS' && !(time?.type === 'NTP' && time.servers.length > 0)) return null;
    const keepsTrigger = setting.kind === 'servers' && time.isDomainTriggered !== false;
    return {
      text: `Goes back to ${sourceText(time)}.${keepsTrigger ? ' The time service still starts with the network.' : ''}`,
      changes: [
        {
          do: 'host.setTime',
          setting: time.type === 'NT5DS' ? { kind: 'domain' } : { kind: 'servers', servers: time.servers },
        },
      ],
    };
  },
  done: ({ setting }, { time, unread }) => {
    if (!time || time.type === null) return unknown(unread['time'] ?? 'the time source was not read');
    const text = `type ${time.type}, servers ${time.servers.join(', ') || 'none'}, service ${time.serviceState}`;
    if (setting.kind === 'servers' && time.isDomainTriggered !== false)
      return time.isDomainTriggered === null
        ? unknown(whyUnread(time, 'isDomainTriggered') ?? 'the triggers of W32Time were not read')
        : no(`${text}, started and stopped by the membership of a domain`);
    return isTimeFrom(time, setting) && time.serviceState === 'running' ? yes(text) : no(text);
  },
};
