<#
.SYNOPSIS
Makes an iSCSI session persistent.
.DESCRIPTION
Not idempotent: registered twice, a session is doubled after the next start.
Page: https://learn.microsoft.com/en-us/powershell/module/iscsi/register-iscsisession
.PARAMETER SessionIdentifier
The session.
.PARAMETER IsMultipathEnabled
True: further sessions to this target are allowed.
.PARAMETER Authentication
kind (none, oneWayChap, mutualChap), userName, secret.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $SessionIdentifier,
    [Parameter(Mandatory = $true)] [bool] $IsMultipathEnabled,
    [Parameter(Mandatory = $true)] [hashtable] $Authentication
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$parameters = @{ SessionIdentifier = $SessionIdentifier; IsMultipathEnabled = $IsMultipathEnabled }
if ($Authentication['kind'] -eq 'none') { Register-IscsiSession @parameters }
else {
    $parameters.ChapUsername = [string] $Authentication['userName']
    Register-IscsiSession @parameters -ChapSecret (ConvertFrom-Secret $Authentication['secret'])
}
Send-Result $null
