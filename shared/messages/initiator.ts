import { defineMessages } from './define.ts';

/** Failures of the iSCSI initiator of Windows and of multipath I/O. */
export const initiatorMessages = defineMessages({
  INITIATOR_SERVICE_STOPPED: {
    what: 'The Microsoft iSCSI Initiator Service (MSiSCSI) is not running.',
    next: 'Start it and set its startup type to Automatic.',
    retry: 'afterChange',
    effect: 'none',
  },
  INITIATOR_NAME_INVALID: {
    what: 'The iSCSI name {name} {problem}.',
    next: 'Give a name such as iqn.1991-05.com.microsoft:server1.',
    retry: 'afterChange',
    effect: 'none',
  },
  INITIATOR_NAME_REFUSED: {
    what: 'Windows refused the initiator name {name}.',
    next: 'Give a name such as iqn.1991-05.com.microsoft:server1.',
    retry: 'afterChange',
    effect: 'none',
  },
  INITIATOR_SECRET_INVALID: {
    what: 'The CHAP secret {problem}.',
    next: 'Choose a secret of 12 to 16 bytes that differs for each direction, and set the same one on the target.',
    retry: 'afterChange',
    effect: 'none',
  },
  INITIATOR_PORTAL_UNREACHABLE: {
    what: 'The target portal {portal} does not answer from {source}.',
    next: 'Check the cable, the VLAN and the addresses of both sides, and that the target listens there.',
    retry: 'later',
    effect: 'none',
  },
  INITIATOR_PORTAL_NOT_FOUND: {
    what: 'The target portal {portal} is not in the list of the initiator.',
    next: '"quorate initiator show" lists the portals.',
    retry: 'afterChange',
    effect: 'none',
  },
  INITIATOR_LOGON_REFUSED: {
    what: 'The target {target} refused the logon of {initiator}: {reason}.',
    next: 'Allow this initiator name on the target and check the CHAP names and secrets.',
    retry: 'afterChange',
    effect: 'none',
  },
  INITIATOR_TARGET_NOT_FOUND: {
    what: 'The initiator knows no target {target}.',
    next: 'Add its portal and discover again; the target may not admit this initiator.',
    retry: 'afterChange',
    effect: 'none',
  },
  INITIATOR_SESSION_EXISTS: {
    what: 'There already is a session to {target} over this path.',
    next: 'No action is needed; without MPIO only one session to a target is possible.',
    retry: 'never',
    effect: 'none',
  },
  INITIATOR_SESSION_NOT_FOUND: {
    what: 'There is no iSCSI session {session}.',
    next: 'It may have ended already: "quorate initiator sessions" lists the sessions.',
    retry: 'afterChange',
    effect: 'none',
  },
  INITIATOR_SESSION_IN_USE: {
    what: 'The iSCSI session {session} cannot be logged off: one of its disks is in use.',
    next: 'Take the disk offline first.',
    retry: 'afterChange',
    effect: 'none',
  },
  INITIATOR_SOURCE_ADDRESS_UNKNOWN: {
    what: 'No adapter of this server has the source address {address}.',
    next: 'Give the address of the iSCSI network adapter for this path.',
    retry: 'afterChange',
    effect: 'none',
  },
  INITIATOR_FAVOURITE_NOT_FOUND: {
    what: 'There is no favorite target {target} from {source} over {portal}.',
    next: '"quorate initiator sessions" lists the favorite targets.',
    retry: 'afterChange',
    effect: 'none',
  },
  INITIATOR_PATH_NOT_PROVEN: {
    what: 'The path from {source} over {portal} to {target} is not proven: {problem}.',
    next: 'Remove the session and its favorite target and log on again with this source address.',
    retry: 'afterChange',
    effect: 'partial',
  },
  MPIO_NOT_INSTALLED: {
    what: 'Multipath I/O is not ready on this server: the feature Multipath-IO is {state}.',
    next: 'Install it with "quorate roles install --feature Multipath-IO", then restart the server.',
    retry: 'afterChange',
    effect: 'none',
  },
  INITIATOR_PATH_INVALID: {
    what: 'The path from {source} over {portal} to {target} {problem}.',
    next: 'Correct the named part of the path.',
    retry: 'afterChange',
    effect: 'none',
  },
  INITIATOR_PORTAL_INVALID: {
    what: 'The target portal {portal} {problem}.',
    next: 'Give the address of the storage system in the iSCSI network, and its port if it is not 3260.',
    retry: 'afterChange',
    effect: 'none',
  },
  MPIO_NOT_CLAIMING: {
    what: 'Multipath I/O does not claim iSCSI disks on this server, so two paths would appear as two disks.',
    next: 'Switch the automatic claim for iSCSI on before logging on, or log on without multipath over one path only.',
    retry: 'afterChange',
    effect: 'none',
  },
});
