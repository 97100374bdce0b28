/** What a name of Quorate's own making begins with; the host name follows. */
export const quorateNamePrefix = 'iqn.2026-01.org.quorate:';

/** True for a name that Quorate made, because this server has no initiator with a name of its own. */
export const isMadeByQuorate = (initiatorName: string): boolean => initiatorName.startsWith(quorateNamePrefix);
