import * as z from 'zod';
import { isSameAddress } from '../../model/address.ts';
import { iscsiPathSchema, judgePath } from '../../model/windows-iscsi.ts';
import { authenticationSchema } from '../../plan/initiator/desire.ts';
import { explainVerdict, nicOfAddress, pathText, portalText } from '../../plan/initiator/paths.ts';
import { judge, unknown } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { initiatorTool, judgeState, logonTimeoutMs, secretNamesOf, withSecret } from './initiator.ts';

const schema = z.object({
  do: z.literal('initiator.logOn'),
  path: iscsiPathSchema,
  /** Left out: true. Windows repeats a persistent logon at each start. */
  isPersistent: z.boolean().optional(),
  isMultipathEnabled: z.boolean(),
  isHeaderDigest: z.boolean(),
  isDataDigest: z.boolean(),
  authentication: authenticationSchema,
});

/**
 * Logs on by the target's name, with source address and portal given. It is not idempotent: a second logon makes a second
 * session where the target and MPIO allow it. Throws `INITIATOR_TARGET_NOT_FOUND`, `INITIATOR_PORTAL_UNREACHABLE`,
 * `INITIATOR_LOGON_REFUSED`, `INITIATOR_SESSION_EXISTS`, `INITIATOR_SOURCE_ADDRESS_UNKNOWN`.
 */
export const logOn: ChangeKind<typeof schema, 'initiator'> = {
  schema,
  area: 'initiator',
  script: 'Connect-InitiatorTarget',
  parameters: ({ do: _name, path, isPersistent = true, authentication, ...flags }, { secret }) => ({
    ...path,
    isPersistent,
    ...flags,
    authentication: withSecret(authentication, secret),
  }),
  timeoutMs: logonTimeoutMs,
  secrets: ({ authentication }) => secretNamesOf(authentication),
  subject: ({ path }) => [
    path.targetNodeAddress,
    path.initiatorPortalAddress,
    path.targetPortalAddress,
    path.targetPortalPort,
  ],
  words: ({ path, isMultipathEnabled }, observed) => ({
    title: `Log on ${pathText(path)}, persistent${isMultipathEnabled ? ', for multipath' : ''}`,
    why: `${explainVerdict(judgePath(path, observed.state.sessions ?? [], isSameAddress))} The source address belongs to ${nicOfAddress(path.initiatorPortalAddress, observed.nics ?? [])?.name ?? 'this server'}.`,
    manual: `${initiatorTool}: Targets, Connect, favorite${isMultipathEnabled ? ' and multi-path' : ''} ticked; Advanced: Microsoft iSCSI Initiator, initiator IP ${path.initiatorPortalAddress}, target portal ${portalText(path.targetPortalAddress, path.targetPortalPort)}.`,
  }),
  notShown: ({ path }, problem) => ({
    code: 'INITIATOR_PATH_NOT_PROVEN',
    detail: {
      source: path.initiatorPortalAddress,
      portal: path.targetPortalAddress,
      target: path.targetNodeAddress,
      problem,
    },
  }),
  undo: ({ path }) => ({
    text: 'Logs off and removes the favorite target.',
    changes: [{ do: 'initiator.leavePath', path }],
  }),
  done: ({ path }, observed) =>
    judgeState(observed, 'sessions', (sessions) => {
      const verdict = judgePath(path, sessions, isSameAddress);
      return verdict.kind === 'unknown'
        ? unknown(verdict.because)
        : judge(verdict.kind === 'proven', explainVerdict(verdict));
    }),
};
