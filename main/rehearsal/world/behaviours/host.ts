import { defineBehaviours, inferred } from '../behaviour.ts';

const computerSource =
  'https://github.com/PowerShell/PowerShell/blob/master/test/powershell/Modules/Microsoft.PowerShell.Management/Rename-Computer.Tests.ps1';
const rename = 'Microsoft.PowerShell.Commands.RenameComputerCommand';
const add = 'Microsoft.PowerShell.Commands.AddComputerCommand';

const joinPage =
  'https://learn.microsoft.com/en-us/windows/win32/cimwin32prov/joindomainorworkgroup-method-in-class-win32-computersystem';

export const hostBehaviours = defineBehaviours({
  'access.denied': {
    kind: 'refusal',
    what: 'A change without an elevated administrator is denied with the Win32 error 5 (storage: return value 40001).',
    at: ['every cmdlet that changes something'],
    source: 'https://learn.microsoft.com/en-us/windows/win32/debug/system-error-codes--0-499-',
    error: { id: 'Windows System Error 5', category: 'PermissionDenied', win32: 5, message: 'Access is denied.' },
    failure: 'ACCESS_DENIED',
  },
  'host.adminShare.denied': {
    kind: 'refusal',
    what: 'The administrative share ADMIN$ denies an account that is no administrator there; Test-Path says so as an error, not as False.',
    at: ['Test-Path'],
    source: inferred,
    error: {
      id: 'ItemExistsUnauthorizedAccessError',
      command: 'Microsoft.PowerShell.Commands.TestPathCommand',
      category: 'PermissionDenied',
      message: 'Access is denied',
    },
    failure: 'ACCESS_DENIED',
  },
  'host.adminShare.filtered': {
    kind: 'effect',
    what: 'A local account of the Administrators group has no administrator’s rights over the network, except the built-in Administrator: UAC filters its token unless LocalAccountTokenFilterPolicy is 1. Domain accounts are not filtered.',
    at: ['Test-Path'],
    source:
      'https://learn.microsoft.com/en-us/troubleshoot/windows-server/windows-security/user-account-control-and-remote-restriction',
  },
  'host.rename.invalid': {
    kind: 'refusal',
    what: 'Rename-Computer refuses a name that is not valid.',
    at: ['Rename-Computer'],
    source: computerSource,
    error: {
      id: 'InvalidNewName',
      command: rename,
      win32: 1210,
      category: 'InvalidArgument',
      message: 'Skip computer with new name because the new name is not valid.',
    },
    failure: 'HOST_NAME_REFUSED',
  },
  'host.rename.same': {
    kind: 'refusal',
    what: 'Rename-Computer refuses the active name, also while another one waits for the restart.',
    at: ['Rename-Computer'],
    source:
      'https://github.com/PowerShell/PowerShell/blob/master/src/Microsoft.PowerShell.Commands.Management/commands/management/Computer.cs',
    error: {
      id: 'NewNameIsOldName',
      command: rename,
      category: 'InvalidArgument',
      message: 'Skip computer because the new name is the same as the current name.',
    },
    failure: 'HOST_NAME_REFUSED',
  },
  'host.rename.taken': {
    kind: 'refusal',
    what: 'Renaming a member to a name that the domain has already fails with the Win32 error 2224.',
    at: ['Rename-Computer'],
    source: joinPage,
    error: {
      id: 'FailToRenameComputer',
      command: rename,
      category: 'OperationStopped',
      win32: 2224,
      message: 'Fail to rename computer due to the following exception: The account already exists.',
    },
    failure: 'HOST_NAME_REFUSED',
  },
  'host.rename.back': {
    kind: 'effect',
    what: 'The CIM method Rename takes the active name while another one waits for the restart: the rename is taken back.',
    at: ['Win32_ComputerSystem.Rename'],
    source: inferred,
  },
  'host.rename.afterRestart': {
    kind: 'effect',
    what: 'A new computer name is in force after the restart; until then the old one is.',
    at: ['Rename-Computer'],
    source:
      'https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.management/rename-computer?view=powershell-5.1',
  },
  'host.domain.unreachable': {
    kind: 'refusal',
    what: 'A domain whose controllers cannot be found fails with the Win32 error 1355.',
    at: ['Add-Computer', 'Rename-Computer', 'Win32_ComputerSystem.JoinDomainOrWorkgroup'],
    source: joinPage,
    error: {
      id: 'FailToJoinDomainFromWorkgroup',
      command: add,
      category: 'OperationStopped',
      win32: 1355,
      message: 'The specified domain either does not exist or could not be contacted.',
    },
    failure: 'HOST_DOMAIN_NOT_FOUND',
  },
  'host.credential.wrong': {
    kind: 'refusal',
    what: 'A wrong name or password fails the join with the Win32 error 1326, under the same error id.',
    at: ['Add-Computer', 'Rename-Computer', 'Win32_ComputerSystem.JoinDomainOrWorkgroup'],
    source: joinPage,
    error: {
      id: 'FailToJoinDomainFromWorkgroup',
      command: add,
      category: 'OperationStopped',
      win32: 1326,
      message: 'The user name or password is incorrect.',
    },
    failure: 'HOST_CREDENTIAL_REFUSED',
  },
  'host.credential.notAllowed': {
    kind: 'refusal',
    what: 'An account that may not join computers fails with the Win32 error 5, under the same error id.',
    at: ['Add-Computer', 'Rename-Computer', 'Win32_ComputerSystem.JoinDomainOrWorkgroup'],
    source: joinPage,
    error: {
      id: 'FailToJoinDomainFromWorkgroup',
      command: add,
      category: 'OperationStopped',
      win32: 5,
      message: 'Access is denied.',
    },
    failure: 'HOST_CREDENTIAL_REFUSED',
  },
  'host.join.same': {
    kind: 'refusal',
    what: 'Add-Computer refuses the domain that the computer is in already.',
    at: ['Add-Computer'],
    source: joinPage,
    error: {
      id: 'AddComputerToSameDomain',
      command: add,
      win32: 2691,
      category: 'InvalidOperation',
      message: 'Cannot add computer to the domain because it is already in that domain.',
    },
    failure: 'HOST_ALREADY_MEMBER',
  },
  'host.join.joined': {
    kind: 'refusal',
    what: 'A member of a domain joins another one only with NETSETUP_DOMAIN_JOIN_IF_JOINED; else the method returns 2691.',
    at: ['Win32_ComputerSystem.JoinDomainOrWorkgroup'],
    source: joinPage,
    error: {
      id: 'AddComputerToSameDomain',
      command: add,
      win32: 2691,
      category: 'InvalidOperation',
      message: 'This machine is already joined to a domain.',
    },
    failure: 'HOST_ALREADY_MEMBER',
  },
  'host.join.domainToDomain': {
    kind: 'effect',
    what: 'Joining another domain leaves the computer object in the old one as it is; the new domain is in force after the restart.',
    at: ['Win32_ComputerSystem.JoinDomainOrWorkgroup'],
    source: inferred,
  },
  'host.join.afterRestart': {
    kind: 'effect',
    what: 'A new domain or workgroup is in force after the restart.',
    at: ['Add-Computer'],
    source:
      'https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.management/add-computer?view=powershell-5.1',
  },
  'host.time.trigger': {
    kind: 'effect',
    what: 'W32Time has a trigger on the membership of a domain: in a workgroup it stops after each start, also when it starts automatically.',
    at: ['W32Time', 'sc triggerinfo'],
    source:
      'https://learn.microsoft.com/en-us/troubleshoot/windows-client/active-directory/w32time-not-start-on-workgroup',
  },
  'host.time.noDomain': {
    kind: 'refusal',
    what: 'A computer outside a domain has no domain hierarchy to take its time from.',
    at: ['W32Time parameters'],
    source:
      'https://learn.microsoft.com/en-us/windows-server/networking/windows-time-service/windows-time-service-tools-and-settings',
    failure: 'HOST_NOT_IN_DOMAIN',
  },
  'service.notFound': {
    kind: 'refusal',
    what: 'A service that is not there is not found by name.',
    at: ['Get-Service', 'Set-Service', 'Start-Service', 'Stop-Service'],
    source:
      'https://github.com/PowerShell/PowerShell/blob/master/src/Microsoft.PowerShell.Commands.Management/commands/management/Service.cs',
    error: {
      id: 'NoServiceFoundForGivenName',
      category: 'ObjectNotFound',
      message: 'Cannot find any service with this service name.',
    },
    failure: 'WINDOWS_REFUSED',
  },
});
