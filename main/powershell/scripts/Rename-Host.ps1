<#
.SYNOPSIS
Gives the computer a new name, in force after a restart.
.DESCRIPTION
Calls the method Rename of Win32_ComputerSystem, as Rename-Computer does. The cmdlet puts every refusal under one error id and keeps the Win32 code
in the message alone; the method returns the code.
Page: https://learn.microsoft.com/en-us/windows/win32/cimwin32prov/rename-method-in-class-win32-computersystem
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
if ([string] $computer.Name -eq $NewName) { Stop-Script -Id 'Quorate.NameUnchanged' -Category InvalidArgument -Message 'The server has that name already.' -Target $NewName }
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
