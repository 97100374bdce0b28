import * as z from 'zod';
import { serviceStartModes, serviceStates } from '../../shared/model/host.ts';
import {
  authenticationTypes,
  discoveredTargetSchema,
  discoveryPortalSchema,
  favouriteSchema,
  featureStates,
  iscsiConnectionSchema,
  iscsiSessionSchema,
  loadBalancePolicies,
  type InitiatorState,
  type IscsiSession,
  type MpioState,
} from '../../shared/model/windows-iscsi.ts';
import { diskSchema } from '../../shared/model/disk.ts';
import type { SessionDisks } from '../../shared/model/lun-map.ts';
import { uint64TextSchema } from '../../shared/model/quantity.ts';
import type { InitiatorPort } from '../ports/initiator-port.ts';
import type { MpioPort } from '../ports/mpio-port.ts';
import type { Runner } from '../powershell/index.ts';
import { readWith } from './call.ts';
import { initiatorErrors, mpioErrors } from './errors/initiator-errors.ts';
import { blankAsNull, nameOf, nameOr } from './names.ts';
import { Gathering, partOf } from './part.ts';

const sessionSchema = iscsiSessionSchema.omit({ connections: true, authenticationType: true }).extend({
  authenticationType: nameOr(authenticationTypes, null),
  connections: partOf(z.array(iscsiConnectionSchema)),
});

const toSession = (session: z.output<typeof sessionSchema>): IscsiSession => ({
  ...session,
  connections: session.connections.ok ? session.connections.data : null,
});

const profileNames = ['any', 'domain', 'private', 'public'] as const;
const profile = nameOf(profileNames, { notApplicable: 'any' });

const stateSchema = z.object({
  service: z.object({ state: z.string(), startMode: z.string() }).nullable(),
  running: z.boolean(),
  firewallRules: partOf(
    z.array(
      z.object({
        name: z.string(),
        direction: nameOf(['inbound', 'outbound']),
        enabled: z.boolean(),
        action: nameOf(['allow', 'block', 'notConfigured']),
        profiles: z.string().transform((text) => text.split(',').map((one) => profile.parse(one.trim()))),
      }),
    ),
  ),
  iqn: partOf(z.string().nullable()).optional(),
  portals: partOf(z.array(discoveryPortalSchema)).optional(),
  targets: partOf(z.array(discoveredTargetSchema)).optional(),
  sessions: partOf(z.array(sessionSchema)).optional(),
  favourites: partOf(z.array(favouriteSchema)).optional(),
  boundVolumes: partOf(z.array(z.string())).optional(),
});

const serviceState = nameOr(serviceStates, null);
const startMode = nameOr(serviceStartModes, null, { auto: 'automatic' });

const toState = (answer: z.output<typeof stateSchema>): InitiatorState => {
  const gathering = new Gathering(initiatorErrors.read);
  const whileRunning = <Data>(property: string, part: Parameters<typeof gathering.read<Data>>[1] | undefined) =>
    part ? gathering.read(property, part) : gathering.note(property, 'INITIATOR_SERVICE_STOPPED');
  const rules = gathering.read('firewallRules', answer.firewallRules);
  const iqn = whileRunning('iqn', answer.iqn);
  if (answer.iqn?.ok && iqn === null) gathering.note('iqn', 'Windows shows no iSCSI initiator port');
  return {
    service: {
      state: answer.service ? serviceState.parse(answer.service.state) : null,
      startMode: answer.service ? startMode.parse(answer.service.startMode) : null,
    },
    iqn,
    firewallRules:
      rules?.map((rule) => ({
        ...rule,
        // All three together are what Windows calls Any.
        profiles:
          new Set(rule.profiles).size === 3 && !rule.profiles.includes('any') ? ['any' as const] : rule.profiles,
      })) ?? null,
    portals: whileRunning('portals', answer.portals),
    targets: whileRunning('targets', answer.targets),
    sessions: whileRunning('sessions', answer.sessions)?.map(toSession) ?? null,
    favourites:
      whileRunning('favourites', answer.favourites)?.map((favourite) => ({
        ...favourite,
        targetPortalPort: favourite.targetPortalAddress === null ? null : favourite.targetPortalPort,
      })) ?? null,
    boundVolumes: whileRunning('boundVolumes', answer.boundVolumes),
    unread: gathering.unread,
  };
};

const sessionDisksAnswer = z.object({
  running: z.boolean(),
  sessions: z.array(
    z.object({
      sessionIdentifier: z.string(),
      disks: partOf(
        z.array(
          z.object({
            uniqueId: blankAsNull,
            uniqueIdFormat: nameOr(diskSchema.shape.uniqueIdFormat.unwrap().options, null),
            serialNumber: blankAsNull,
            sizeBytes: uint64TextSchema,
          }),
        ),
      ),
    }),
  ),
});

const toSessionDisks = ({
  sessionIdentifier,
  disks,
}: z.output<typeof sessionDisksAnswer>['sessions'][number]): SessionDisks => {
  const gathering = new Gathering(initiatorErrors.read);
  const read = gathering.read('disks', disks);
  return {
    sessionIdentifier,
    disks: read?.map((disk) => ({ ...disk, sizeBytes: BigInt(disk.sizeBytes) })) ?? null,
    because: gathering.unread[0]?.because ?? null,
  };
};

/** The initiator port over scripts. */
export const createInitiatorPort = (runner: Runner): InitiatorPort => {
  return {
    async readState(options) {
      const call = { script: 'Get-InitiatorState', input: {}, timeoutMs: 120_000 };
      return toState(await readWith(runner, call, stateSchema, { call: options, errors: initiatorErrors.read }));
    },
    async listSessionDisks(options) {
      const call = { script: 'Get-SessionDisk', input: {}, timeoutMs: 120_000 };
      const answer = await readWith(runner, call, sessionDisksAnswer, { call: options, errors: initiatorErrors.read });
      return answer.sessions.map(toSessionDisks);
    },
  };
};

const mpioSchema = z.object({
  feature: nameOf(featureStates),
  claimsIscsi: partOf(z.boolean()).optional(),
  loadBalancePolicy: partOf(nameOr(loadBalancePolicies, null)).optional(),
});

const toMpio = (answer: z.output<typeof mpioSchema>): MpioState => {
  const gathering = new Gathering(mpioErrors);
  const read = <Data>(property: string, part: Parameters<typeof gathering.read<Data>>[1] | undefined) =>
    part ? gathering.read(property, part) : gathering.note(property, 'MPIO_NOT_INSTALLED');
  const claimsIscsi = read('claimsIscsi', answer.claimsIscsi);
  const loadBalancePolicy = read('loadBalancePolicy', answer.loadBalancePolicy);
  if (answer.loadBalancePolicy?.ok && loadBalancePolicy === null) {
    gathering.note('loadBalancePolicy', 'Windows names a policy that is not known here');
  }
  return { feature: answer.feature, claimsIscsi, loadBalancePolicy, unread: gathering.unread };
};

/** The MPIO port over scripts. */
export const createMpioPort = (runner: Runner): MpioPort => ({
  async readState(options) {
    const call = { script: 'Get-MpioState', input: {}, timeoutMs: 180_000 };
    return toMpio(await readWith(runner, call, mpioSchema, { call: options, errors: mpioErrors }));
  },
});
