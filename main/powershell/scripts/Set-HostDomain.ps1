<#
.SYNOPSIS
Joins a domain, in force after a restart.
.DESCRIPTION
Calls JoinDomainOrWorkgroup of Win32_ComputerSystem with NETSETUP_JOIN_DOMAIN and NETSETUP_ACCT_CREATE, as Add-Computer does; a member of another
domain needs NETSETUP_DOMAIN_JOIN_IF_JOINED too. Its computer object in the old domain stays as it is. The cmdlet puts every refusal under one error
id and keeps the Win32 code in the message alone; the method returns the code.
Page: https://learn.microsoft.com/en-us/windows/win32/cimwin32prov/joindomainorworkgroup-method-in-class-win32-computersystem
.PARAMETER Domain
The domain's full DNS name.
.PARAMETER OrganizationalUnit
Distinguished name of the unit for the computer's object; without it the domain's default.
.PARAMETER Credential
An account that may join computers.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Domain,
    [string] $OrganizationalUnit,
    [Parameter(Mandatory = $true)] [pscredential] $Credential
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$computer = Get-CimInstance -ClassName Win32_ComputerSystem
$arguments = @{
    Name = $Domain
    UserName = $Credential.UserName
    Password = $Credential.GetNetworkCredential().Password
    FJoinOptions = [uint32] 3
}
if ($computer.PartOfDomain -and [string] $computer.Domain -ne $Domain) { $arguments.FJoinOptions = [uint32] 35 }
if ($OrganizationalUnit) { $arguments.AccountOU = $OrganizationalUnit }
$answer = Invoke-CimMethod -InputObject $computer -MethodName JoinDomainOrWorkgroup -Arguments $arguments
if ($answer.ReturnValue -ne 0) {
    throw [System.Management.Automation.ErrorRecord]::new([System.ComponentModel.Win32Exception]::new([int] $answer.ReturnValue), 'Quorate.JoinRefused', 'NotSpecified', [string] $computer.Name)
}
Send-Result $null
