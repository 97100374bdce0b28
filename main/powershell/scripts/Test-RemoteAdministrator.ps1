<#
.SYNOPSIS
Reads as whom this session runs, and whether other servers take that account for an administrator.
.DESCRIPTION
The administrative share ADMIN$ of a server opens for its administrators alone. Looking whether it is there changes nothing. A local account of the
Administrators group is filtered by the other server's UAC over the network, the built-in Administrator and domain accounts are not.
Page: https://learn.microsoft.com/en-us/troubleshoot/windows-server/windows-security/user-account-control-and-remote-restriction
.PARAMETER Servers
The names of the other servers; empty: only the account is read.
.OUTPUTS
account: part {name, sid}; there: list of server and part opened true/false
.NOTES
Needs an elevated session: no.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [string[]] $Servers
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$account = Read-Part {
    $identity = [System.Security.Principal.WindowsIdentity]::GetCurrent()
    try {
        [ordered]@{ name = [string] $identity.Name; sid = [string] $identity.User.Value }
    } finally {
        $identity.Dispose()
    }
}
$there = [System.Collections.Generic.List[object]]::new()
foreach ($server in $Servers) {
    $opened = Read-Part { [bool] (Test-Path -LiteralPath "\\$server\ADMIN$" -PathType Container) }
    $there.Add([ordered]@{ server = $server; opened = $opened })
}
Send-Result ([ordered]@{ account = $account; there = $there.ToArray() })
