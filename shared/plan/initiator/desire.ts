import * as z from 'zod';
import { iscsiPathSchema, iscsiPort, loadBalancePolicies } from '../../model/windows-iscsi.ts';

/** How a logon proves itself; `secretName` says which of the call's `secrets` it is. */
export const authenticationSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('oneWayChap'), userName: z.string().min(1), secretName: z.string().min(1) }),
  /** The target proves itself with the initiator's own secret (`mutualSecretName`, set before or in the same change). */
  z.object({ kind: z.literal('mutualChap'), userName: z.string().min(1), secretName: z.string().min(1) }),
]);
export type Authentication = z.infer<typeof authenticationSchema>;

export const portalDesireSchema = z.object({
  targetPortalAddress: z.string(),
  targetPortalPort: z.number().int().min(1).max(65_535).default(iscsiPort),
  /** The source address of discovery; null: Windows chooses. */
  initiatorPortalAddress: z.string().nullable().default(null),
  present: z.boolean().default(true),
  authentication: authenticationSchema.prefault({ kind: 'none' }),
});

export const pathDesireSchema = iscsiPathSchema.extend({
  /** False: log off, and take the favourite away. */
  present: z.boolean().default(true),
  isMultipathEnabled: z.boolean().default(true),
  isHeaderDigest: z.boolean().default(false),
  isDataDigest: z.boolean().default(false),
  authentication: authenticationSchema.prefault({ kind: 'none' }),
});
export type PathDesire = z.output<typeof pathDesireSchema>;

/** What the iSCSI initiator of a server is to be; what is left out stays as it is. */
export const initiatorDesireSchema = z.object({
  /** True: runs and starts by itself. False: stopped and manual. */
  service: z.boolean().optional(),
  /** Windows' own firewall rules for iSCSI. */
  firewall: z.boolean().optional(),
  iqn: z.string().optional(),
  /** Which of the call's `secrets` the targets prove themselves with; null removes it. */
  mutualSecretName: z.string().nullable().optional(),
  mpio: z
    .object({
      installed: z.literal(true).optional(),
      claimsIscsi: z.boolean().optional(),
      loadBalancePolicy: z.enum(loadBalancePolicies).optional(),
    })
    .optional(),
  portals: z.array(portalDesireSchema).default([]),
  paths: z.array(pathDesireSchema).default([]),
  /** Ask every portal for targets again. */
  discover: z.boolean().default(false),
  /** Let the service wait at its start for the volumes on iSCSI disks. */
  bindVolumes: z.boolean().default(false),
  /** Sessions to end and make non-persistent, by identifier. */
  logOff: z.array(z.string()).default([]),
  /** Favourites to take away; null matches one that leaves the value open. */
  removeFavourites: z
    .array(
      z.object({
        targetNodeAddress: z.string(),
        initiatorPortalAddress: z.string().nullable(),
        targetPortalAddress: z.string().nullable(),
        targetPortalPort: z.number().int().nullable(),
      }),
    )
    .default([]),
});
export type InitiatorDesire = z.output<typeof initiatorDesireSchema>;
export type InitiatorDesireInput = z.input<typeof initiatorDesireSchema>;
