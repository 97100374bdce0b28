<#
.SYNOPSIS
Reads the SID that Windows gave itself when it was installed.
.DESCRIPTION
Every local account has the SID of its machine with a number of its own behind it; the built-in administrator has 500, whatever it is called and whether it is enabled or not.
A domain controller has no local accounts and so none to read it from.
Pages: https://learn.microsoft.com/en-us/windows/win32/cimwin32prov/win32-useraccount,
https://learn.microsoft.com/en-us/windows-server/identity/ad-ds/manage/understand-security-identifiers
.OUTPUTS
machineSid, null without a local account
.NOTES
Needs an elevated session: no.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$machineSid = $null
# Without the condition every account of the domain is told.
foreach ($account in Get-CimInstance -ClassName Win32_UserAccount -Filter 'LocalAccount=TRUE') {
    if ([string] $account.SID -match '^(S-1-5-21-\d+-\d+-\d+)-500$') { $machineSid = $Matches[1] }
}
Send-Result ([ordered]@{ machineSid = $machineSid })
