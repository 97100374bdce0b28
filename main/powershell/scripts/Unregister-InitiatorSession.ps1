<#
.SYNOPSIS
Removes an iSCSI session's favourite: it is not repeated at the next start.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/iscsi/unregister-iscsisession
.PARAMETER SessionIdentifier
The session.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $SessionIdentifier
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

Unregister-IscsiSession -SessionIdentifier $SessionIdentifier
Send-Result $null
