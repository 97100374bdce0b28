<#
.SYNOPSIS
Leaves a domain for a workgroup, or changes the workgroup; in force after a restart.
.DESCRIPTION
1. Member of a domain: UnjoinDomainOrWorkgroup of Win32_ComputerSystem; with an account also NETSETUP_ACCT_DELETE, which disables the computer's
object. 2. JoinDomainOrWorkgroup with the workgroup's name and no option.
Pages: https://learn.microsoft.com/en-us/windows/win32/cimwin32prov/unjoindomainorworkgroup-method-in-class-win32-computersystem,
https://learn.microsoft.com/en-us/windows/win32/cimwin32prov/joindomainorworkgroup-method-in-class-win32-computersystem
.PARAMETER Workgroup
The workgroup's name.
.PARAMETER Credential
An account that may disable the computer's object.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: something
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Workgroup,
    [pscredential] $Credential
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$computer = Get-CimInstance -ClassName Win32_ComputerSystem
if ($computer.PartOfDomain) {
    $arguments = @{ FUnjoinOptions = [uint32] 0 }
    if ($null -ne $Credential) {
        $arguments.UserName = $Credential.UserName
        $arguments.Password = $Credential.GetNetworkCredential().Password
        $arguments.FUnjoinOptions = [uint32] 4
    }
    $answer = Invoke-CimMethod -InputObject $computer -MethodName UnjoinDomainOrWorkgroup -Arguments $arguments
    if ($answer.ReturnValue -ne 0) {
        throw [System.Management.Automation.ErrorRecord]::new([System.ComponentModel.Win32Exception]::new([int] $answer.ReturnValue), 'Quorate.UnjoinRefused', 'NotSpecified', [string] $computer.Domain)
    }
}
$answer = Invoke-CimMethod -InputObject $computer -MethodName JoinDomainOrWorkgroup -Arguments @{ Name = $Workgroup; FJoinOptions = [uint32] 0 }
if ($answer.ReturnValue -ne 0) {
    throw [System.Management.Automation.ErrorRecord]::new([System.ComponentModel.Win32Exception]::new([int] $answer.ReturnValue), 'Quorate.WorkgroupRefused', 'NotSpecified', $Workgroup)
}
Send-Result $null
