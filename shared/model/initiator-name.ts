import * as z from 'zod';

/** What a name of Quorate's own making begins with; the host name follows. */
export const quorateNamePrefix = 'iqn.2026-01.org.quorate:';

/** True for a name that Quorate made, because this server has no initiator with a name of its own. */
export const isMadeByQuorate = (initiatorName: string): boolean => initiatorName.startsWith(quorateNamePrefix);

/** An initiator's iSCSI name (RFC 7143, section 4.2.7.1: at most 223 bytes). */
export const initiatorNameSchema = z
  .string()
  .max(223)
  .regex(/^(?:iqn\.\d{4}-\d{2}\.\S+|eui\.[0-9A-Fa-f]{16}|naa\.(?:[0-9A-Fa-f]{16}|[0-9A-Fa-f]{32}))$/i, {
    error: 'an iSCSI name such as iqn.1991-05.com.microsoft:node1',
  });
