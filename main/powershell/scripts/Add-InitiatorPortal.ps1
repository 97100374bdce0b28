<#
.SYNOPSIS
Adds a portal to the initiator's list and discovers over it.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/iscsi/new-iscsitargetportal
.PARAMETER TargetPortalAddress
The portal.
.PARAMETER TargetPortalPort
Its TCP port.
.PARAMETER InitiatorPortalAddress
The source address that discovery is bound to; without it Windows chooses.
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
    [Parameter(Mandatory = $true)] [string] $TargetPortalAddress,
    [Parameter(Mandatory = $true)] [uint16] $TargetPortalPort,
    [string] $InitiatorPortalAddress,
    [Parameter(Mandatory = $true)] [hashtable] $Authentication
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$parameters = @{ TargetPortalAddress = $TargetPortalAddress; TargetPortalPortNumber = $TargetPortalPort }
if ($InitiatorPortalAddress) { $parameters.InitiatorPortalAddress = $InitiatorPortalAddress }
if ($Authentication['kind'] -eq 'none') { [void] (New-IscsiTargetPortal @parameters) }
else {
    if ($Authentication['kind'] -eq 'mutualChap') { $parameters.AuthenticationType = 'MUTUALCHAP' } else { $parameters.AuthenticationType = 'ONEWAYCHAP' }
    $parameters.ChapUsername = [string] $Authentication['userName']
    [void] (New-IscsiTargetPortal @parameters -ChapSecret (ConvertFrom-Secret $Authentication['secret']))
}
Send-Result $null
