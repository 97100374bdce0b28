import { defineBehaviours, inferred, type WindowsError } from '../behaviour.ts';

const codes =
  'https://learn.microsoft.com/en-us/archive/blogs/storwdk/iscsi-error-codes-and-descriptions-from-iscsierr-h';
const module = (page: string): string =>
  `https://learn.microsoft.com/en-us/powershell/module/iscsi/${page}?view=windowsserver2025-ps`;

/** iSCSI refusals are known by the HRESULT that the error id itself holds. */
const isdsc = (code: number, message: string): WindowsError => ({
  id: `HRESULT 0x${code.toString(16)}`,
  category: 'NotSpecified',
  hresult: code,
  message,
});

export const iscsiBehaviours = defineBehaviours({
  'iscsi.service.stopped': {
    kind: 'refusal',
    what: 'While MSiSCSI does not run, the iSCSI cmdlets fail with ISDSC_SERVICE_NOT_RUNNING.',
    at: ['iSCSI module'],
    source: codes,
    error: isdsc(
      0xefff003e,
      'The Microsoft iSCSI Initiator Service is not running. Please start the service and retry.',
    ),
    failure: 'INITIATOR_SERVICE_STOPPED',
  },
  'iscsi.name.invalid': {
    kind: 'refusal',
    what: 'A malformed iSCSI name is refused with ISDSC_INVALID_ISCSI_NAME.',
    at: ['Set-InitiatorPort'],
    source: codes,
    error: isdsc(0xefff0051, 'The iSCSI name specified contains invalid characters or is too long.'),
    failure: 'INITIATOR_NAME_REFUSED',
  },
  'iscsi.chap.length': {
    kind: 'refusal',
    what: 'A CHAP secret that is not 12 to 16 bytes long is refused with ISDSC_INVALID_CHAP_SECRET.',
    at: ['Connect-IscsiTarget', 'New-IscsiTargetPortal', 'Set-IscsiChapSecret'],
    source: codes,
    error: isdsc(0xefff004a, 'The CHAP secret given does not conform to the standard.'),
    failure: 'INITIATOR_SECRET_INVALID',
  },
  'iscsi.portal.addedTwice': {
    kind: 'effect',
    what: 'Adding a portal that is in the list gives the portal back and adds none.',
    at: ['New-IscsiTargetPortal'],
    source: inferred,
  },
  'iscsi.portal.notFound': {
    kind: 'refusal',
    what: 'A portal that is not in the list is not found.',
    at: ['Remove-IscsiTargetPortal', 'Update-IscsiTargetPortal'],
    source: 'https://github.com/pluralsight/PS-AutoLab-Env/pull/199',
    error: {
      id: 'CmdletizationQuery_NotFound_TargetPortalAddress',
      category: 'ObjectNotFound',
      message: "No MSFT_iSCSITargetPortal objects found with property 'TargetPortalAddress' equal to the given value.",
    },
    failure: 'INITIATOR_PORTAL_NOT_FOUND',
  },
  'iscsi.portal.unreachable': {
    kind: 'refusal',
    what: 'A portal that does not answer is refused with ISDSC_CONNECTION_FAILED.',
    at: ['New-IscsiTargetPortal', 'Update-IscsiTargetPortal'],
    source: codes,
    error: isdsc(0xefff0003, 'Connection Failed.'),
    failure: 'INITIATOR_PORTAL_UNREACHABLE',
  },
  'iscsi.target.notFound': {
    kind: 'refusal',
    what: 'Logging on to a name that was not discovered is refused with ISDSC_TARGET_NOT_FOUND.',
    at: ['Connect-IscsiTarget'],
    source: codes,
    error: isdsc(0xefff0029, 'The target name is not found or is marked as hidden from login.'),
    failure: 'INITIATOR_TARGET_NOT_FOUND',
  },
  'iscsi.source.unknown': {
    kind: 'refusal',
    what: 'A source address that no adapter has ends in ISDSC_INVALID_PORT_NUMBER or a failed connection.',
    at: ['Connect-IscsiTarget'],
    source: inferred,
    error: isdsc(0xefff002d, 'The port number passed is not valid for the initiator.'),
    failure: 'INITIATOR_SOURCE_ADDRESS_UNKNOWN',
  },
  'iscsi.session.exists': {
    kind: 'refusal',
    what: 'A second session to a target without the multipath flag is refused with ISDSC_TARGET_ALREADY_LOGGED_IN.',
    at: ['Connect-IscsiTarget'],
    source: codes,
    error: isdsc(0xefff003f, 'The target has already been logged in via an iSCSI session.'),
    failure: 'INITIATOR_SESSION_EXISTS',
  },
  'iscsi.logon.default': {
    kind: 'default',
    what: 'Leaving out -InitiatorPortalAddress or -TargetPortalAddress means "default": Windows chooses, and says nothing.',
    at: ['Connect-IscsiTarget'],
    source: module('connect-iscsitarget'),
  },
  'iscsi.connection.failed': {
    kind: 'refusal',
    what: 'A logon whose portal does not answer is refused with ISDSC_CONNECTION_FAILED.',
    at: ['Connect-IscsiTarget'],
    source: codes,
    error: isdsc(0xefff0003, 'Connection Failed.'),
    failure: 'INITIATOR_PORTAL_UNREACHABLE',
  },
  'iscsi.logon.authorization': {
    kind: 'refusal',
    what: 'A target that does not admit the initiator ends in ISDSC_AUTHORIZATION_FAILURE.',
    at: ['Connect-IscsiTarget'],
    source: codes,
    error: isdsc(0xefff000a, 'Authorization Failure.'),
    failure: 'INITIATOR_LOGON_REFUSED',
  },
  'iscsi.logon.authentication': {
    kind: 'refusal',
    what: 'A wrong CHAP name or secret ends in ISDSC_AUTHENTICATION_FAILURE.',
    at: ['Connect-IscsiTarget'],
    source: codes,
    error: isdsc(0xefff0009, 'Authentication Failure.'),
    failure: 'INITIATOR_LOGON_REFUSED',
  },
  'iscsi.session.notFound': {
    kind: 'refusal',
    what: 'A session identifier that is not there ends in ISDSC_INVALID_SESSION_ID.',
    at: ['Disconnect-IscsiTarget', 'Register-IscsiSession', 'Unregister-IscsiSession'],
    source: codes,
    error: isdsc(0xefff001c, 'Invalid Session Id.'),
    failure: 'INITIATOR_SESSION_NOT_FOUND',
  },
  'iscsi.session.busy': {
    kind: 'refusal',
    what: 'The last session of a disk in use cannot end: ISDSC_DEVICE_BUSY_ON_SESSION.',
    at: ['Disconnect-IscsiTarget'],
    source: codes,
    error: isdsc(
      0xefff0040,
      'The session cannot be logged out since a device on that session is currently being used.',
    ),
    failure: 'INITIATOR_SESSION_IN_USE',
  },
  'iscsi.register.twice': {
    kind: 'effect',
    what: 'Registering a session several times re-establishes several sessions at the next start.',
    at: ['Register-IscsiSession'],
    source: module('register-iscsisession'),
  },
  'iscsi.favourite.notFound': {
    kind: 'refusal',
    what: 'Removing a persistent logon that is not there ends in ISDSC_NOT_FOUND.',
    at: ['Unregister-IscsiSession', 'MSIscsiInitiator_PersistentLoginClass'],
    source: inferred,
    error: isdsc(0xefff000b, 'Not Found.'),
    failure: 'INITIATOR_FAVOURITE_NOT_FOUND',
  },
  'iscsi.session.blankAddress': {
    kind: 'property',
    what: 'The InitiatorPortalAddress of a session that was not bound to an address is blank.',
    at: ['Get-IscsiSession', 'Get-IscsiTargetPortal'],
    source: module('get-iscsisession'),
  },
  'mpio.notInstalled': {
    kind: 'refusal',
    what: 'Without the feature Multipath-IO the commands of the module MPIO do not exist; after it they need the restart.',
    at: ['MPIO module'],
    source:
      'https://learn.microsoft.com/en-us/powershell/module/mpio/enable-msdsmautomaticclaim?view=windowsserver2025-ps',
    error: {
      id: 'CommandNotFoundException',
      command: '',
      category: 'ObjectNotFound',
      message: 'The term is not recognized as the name of a cmdlet, function, script file, or operable program.',
    },
    failure: 'MPIO_NOT_INSTALLED',
  },
  'mpio.joinsPaths': {
    kind: 'effect',
    what: 'With MPIO and the claim of iSCSI the paths to a LUN are one disk; without it each path shows a disk.',
    at: ['Get-Disk'],
    source:
      'https://learn.microsoft.com/en-us/powershell/module/mpio/enable-msdsmautomaticclaim?view=windowsserver2025-ps',
  },
  'mpio.claimsNewSessions': {
    kind: 'effect',
    what: 'The claim holds for sessions that are made after it; those that are there keep their own disks.',
    at: ['Enable-MSDSMAutomaticClaim'],
    source: inferred,
  },
  'feature.unknown': {
    kind: 'refusal',
    what: 'A feature name that does not exist is an invalid argument.',
    at: ['Install-WindowsFeature'],
    source: inferred,
    error: {
      id: 'NameDoesNotExist',
      command: 'Microsoft.Windows.ServerManager.Commands.AddWindowsFeatureCommand',
      category: 'InvalidArgument',
      message: 'ArgumentNotValid: The role, role service, or feature name is not valid.',
    },
    failure: 'ROLE_UNKNOWN',
  },
  'feature.failed': {
    kind: 'refusal',
    what: 'An installation that fails ends in DISMAPI_Error__Failed_To_Enable_Updates.',
    at: ['Install-WindowsFeature'],
    source: 'https://github.com/mwrock/packer-templates/issues/53',
    error: {
      id: 'DISMAPI_Error__Failed_To_Enable_Updates',
      command: 'Microsoft.Windows.ServerManager.Commands.AddWindowsFeatureCommand',
      category: 'InvalidOperation',
      message: 'The request to add or remove features on the specified server failed. Error: 0x800f081f',
    },
    failure: 'ROLE_INSTALL_FAILED',
  },
});
