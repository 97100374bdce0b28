import * as z from 'zod';
import { nicSettingShape } from '../../changes/index.ts';
import { nicRoleSchema } from '../../model/nic.ts';

/** What one NIC is to be; what is left out stays as it is. */
export const nicDesireSchema = z.object({
  /** InterfaceGuid. */
  nic: z.string(),
  /**
   * What the NIC is for. With `applyRole` everything that follows from the role is set too: no gateway, DNS servers and
   * DNS registration, NetBIOS off, File and Printer Sharing unbound on iSCSI only, no power saving.
   */
  role: nicRoleSchema.optional(),
  applyRole: z.boolean().default(false),
  name: z.string().optional(),
  enabled: z.boolean().optional(),
  dhcp: z.object({ ipv4: z.boolean().optional(), ipv6: z.boolean().optional() }).optional(),
  /**
   * The static addresses, written `10.0.0.1/24`, of each family that is given; others of that family are removed and DHCP
   * is switched off. An address without `/` is refused.
   */
  addresses: z.object({ ipv4: z.array(z.string()).optional(), ipv6: z.array(z.string()).optional() }).optional(),
  /** The networks, written `10.0.0.0/24`, that the addresses have to lie in; nothing is changed by it. */
  networks: z.array(z.string()).optional(),
  /** Null removes the gateway. */
  gateway: z.object({ ipv4: z.string().nullable().optional(), ipv6: z.string().nullable().optional() }).optional(),
  dnsServers: z.object({ ipv4: z.array(z.string()).optional(), ipv6: z.array(z.string()).optional() }).optional(),
  /** `*JumboPacket` in bytes with the Ethernet header, such as 9014. */
  jumboPacketBytes: z.number().int().optional(),
  fileAndPrinterSharing: z.boolean().optional(),
  powerSaving: z.boolean().optional(),
  ...nicSettingShape,
});
export type NicDesire = z.output<typeof nicDesireSchema>;

export const networkDesireSchema = z.object({
  nics: z.array(nicDesireSchema).min(1),
  /**
   * Refuse unless, afterwards, every role that a cluster needs has its NIC (production, cluster-private, iSCSI A: at least
   * two plus one) and every NIC with a role an address in a network of its own.
   */
  complete: z.boolean().default(false),
});
export type NetworkDesire = z.output<typeof networkDesireSchema>;
export type NetworkDesireInput = z.input<typeof networkDesireSchema>;
