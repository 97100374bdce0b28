/**
 * The moments of a conversation at which the embedded target can be told to stall, cut or talk garbage: always when it is
 * about to send the named PDU. One PDU can be several steps (the last login response is `login-final` and may be
 * `chap-result` as well).
 */
export const protocolSteps = {
  connect: 'the TCP connection was accepted and nothing has been read',
  'login-start': 'the response to the first login request',
  'chap-challenge': 'the login response with CHAP_A, CHAP_I and CHAP_C',
  'chap-result': "the login response that follows the initiator's CHAP_R (mutual CHAP: with the target's own proof)",
  'login-operational': 'a login response of the operational negotiation',
  'login-final': 'the login response that enters the full feature phase',
  'text-response': 'the answer to SendTargets',
  'scsi-response': 'any SCSI Response PDU',
  'data-in': 'any SCSI Data-In PDU',
  r2t: 'any R2T PDU',
  'nop-in': 'the answer to a NOP-Out',
  'task-management-response': 'the answer to a task management request',
  'logout-response': 'the answer to a logout request',
} as const;

/** SCSI commands by name: `command-inquiry` is the first PDU that answers an INQUIRY, whatever kind it is. */
export const commandNames = [
  'test-unit-ready',
  'request-sense',
  'inquiry',
  'mode-sense-6',
  'mode-sense-10',
  'reserve-6',
  'release-6',
  'start-stop-unit',
  'read-6',
  'read-10',
  'read-12',
  'read-16',
  'write-6',
  'write-10',
  'write-12',
  'write-16',
  'verify-10',
  'verify-16',
  'synchronize-cache-10',
  'synchronize-cache-16',
  'unmap',
  'write-same-10',
  'write-same-16',
  'read-capacity-10',
  'read-capacity-16',
  'get-lba-status',
  'report-luns',
  'report-target-port-groups',
  'report-supported-operation-codes',
  'persistent-reserve-in',
  'persistent-reserve-out',
] as const;

export type CommandName = (typeof commandNames)[number];
export type ProtocolStep = keyof typeof protocolSteps;
export type Step = ProtocolStep | `command-${CommandName}`;

export const steps: readonly { readonly name: Step; readonly what: string }[] = [
  ...(Object.entries(protocolSteps) as [ProtocolStep, string][]).map(([name, what]) => ({ name, what })),
  ...commandNames.map((command) => ({
    name: `command-${command}` as const,
    what: `the first PDU that answers ${command
      .toUpperCase()
      .replace(/-(\d+)$/, '($1)')
      .replaceAll('-', ' ')}`,
  })),
];

const names = new Set<string>(steps.map((step) => step.name));
export const isStep = (text: string): text is Step => names.has(text);
