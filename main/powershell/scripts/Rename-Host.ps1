<#
.SYNOPSIS
Gives the computer a new name, in force after a restart.
.DESCRIPTION
Calls the method Rename of Win32_ComputerSystem. The cmdlet Rename-Computer puts every refusal under one error id and keeps the Win32 code in the
message alone, and it refuses the active name, so that it cannot take back a rename that waits for the restart; the method returns the code.
The name that the restart puts in force is compared, which is in the registry: Win32_ComputerSystem.Name stays the active one until then.
Pages: https://learn.microsoft.com/en-us/windows/win32/cimwin32prov/rename-method-in-class-win32-computersystem,
https://learn.microsoft.com/en-us/previous-versions/windows/desktop/regprov/getstringvalue-method-in-class-stdregprov
.PARAMETER NewName
The new name, 1 to 15 characters.
.PARAMETER Credential
An account that may rename the computer's object; for a member of a domain.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $NewName,
    [pscredential] $Credential
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$computer = Get-CimInstance -ClassName Win32_ComputerSystem
$next = Invoke-CimMethod -ClassName StdRegProv -Namespace 'root\default' -MethodName GetStringValue -Arguments @{
    hDefKey = [uint32] 2147483650; sSubKeyName = 'SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName'; sValueName = 'ComputerName'
}
if ($next.ReturnValue -ne 0) { Stop-Script -Id 'Quorate.RegistryValueUnread' -Message "ComputerName is not in the registry ($($next.ReturnValue))." -Target 'ComputerName' }
if ([string] $next.sValue -eq $NewName) { Stop-Script -Id 'Quorate.NameUnchanged' -Category InvalidArgument -Message 'The server has that name already.' -Target $NewName }
$arguments = @{ Name = $NewName }
if ($null -ne $Credential) {
    $arguments.UserName = $Credential.UserName
    $arguments.Password = $Credential.GetNetworkCredential().Password
}
$answer = Invoke-CimMethod -InputObject $computer -MethodName Rename -Arguments $arguments
if ($answer.ReturnValue -ne 0) {
    throw [System.Management.Automation.ErrorRecord]::new([System.ComponentModel.Win32Exception]::new([int] $answer.ReturnValue), 'Quorate.RenameRefused', 'NotSpecified', $NewName)
}
Send-Result $null
