<#
.SYNOPSIS
Removes a portal from the initiator's list.
.DESCRIPTION
The portal is looked for first: the cmdlet's own search takes every portal of this address, whatever its port and source.
Page: https://learn.microsoft.com/en-us/powershell/module/iscsi/remove-iscsitargetportal
.PARAMETER TargetPortalAddress
The portal.
.PARAMETER TargetPortalPort
Its TCP port.
.PARAMETER InitiatorPortalAddress
The source address that it is bound to; without it an unbound one is meant.
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
    [string] $InitiatorPortalAddress
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

function Test-SameAddress {
    param($One, $Other)
    if ([string]::IsNullOrWhiteSpace([string] $One) -or [string]::IsNullOrWhiteSpace([string] $Other)) {
        return [string]::IsNullOrWhiteSpace([string] $One) -and [string]::IsNullOrWhiteSpace([string] $Other)
    }
    $left = $null
    $right = $null
    if ([System.Net.IPAddress]::TryParse([string] $One, [ref] $left) -and [System.Net.IPAddress]::TryParse([string] $Other, [ref] $right)) { return $left.Equals($right) }
    [string] $One -eq [string] $Other
}

$portals = @(Get-IscsiTargetPortal | Where-Object { Test-SameAddress $_.TargetPortalAddress $TargetPortalAddress })
$found = @($portals | Where-Object { [int] $_.TargetPortalPortNumber -eq $TargetPortalPort -and (Test-SameAddress $_.InitiatorPortalAddress $InitiatorPortalAddress) })
if ($portals.Count -gt 0 -and $found.Count -eq 0) {
    Stop-Script -Id 'Quorate.InitiatorPortalNotFound' -Category ObjectNotFound -Message "The portal $TargetPortalAddress is in the list with another port or source." -Target "${TargetPortalAddress}:$TargetPortalPort"
}
# Where no portal has this address, Windows itself says so.
$parameters = @{ TargetPortalAddress = $TargetPortalAddress; TargetPortalPortNumber = [int] $TargetPortalPort; Confirm = $false }
if ($found.Count -gt 0) {
    $parameters.TargetPortalAddress = [string] $found[0].TargetPortalAddress
    if ($InitiatorPortalAddress) { $parameters.InitiatorPortalAddress = [string] $found[0].InitiatorPortalAddress }
    if (-not [string]::IsNullOrWhiteSpace([string] $found[0].InitiatorInstanceName)) { $parameters.InitiatorInstanceName = [string] $found[0].InitiatorInstanceName }
}
Remove-IscsiTargetPortal @parameters
Send-Result $null
