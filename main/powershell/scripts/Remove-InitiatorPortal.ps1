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

$service = Get-CimInstance -ClassName Win32_Service -Filter "Name='MSiSCSI'"
if ($null -eq $service -or [string] $service.State -ne 'Running') { Stop-Script -Id 'Quorate.InitiatorServiceStopped' -Message 'The service MSiSCSI does not run.' -Target 'MSiSCSI' }
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

$portal = Get-IscsiTargetPortal | Where-Object {
    (Test-SameAddress $_.TargetPortalAddress $TargetPortalAddress) -and [int] $_.TargetPortalPortNumber -eq $TargetPortalPort -and
    (Test-SameAddress $_.InitiatorPortalAddress $InitiatorPortalAddress)
}
if ($null -eq $portal) {
    Stop-Script -Id 'Quorate.InitiatorPortalNotFound' -Category ObjectNotFound -Message "The portal $TargetPortalAddress is not in the list." -Target "${TargetPortalAddress}:$TargetPortalPort"
}
$parameters = @{ TargetPortalAddress = [string] $portal.TargetPortalAddress; TargetPortalPortNumber = [int] $TargetPortalPort; Confirm = $false }
if ($InitiatorPortalAddress) { $parameters.InitiatorPortalAddress = [string] $portal.InitiatorPortalAddress }
if (-not [string]::IsNullOrWhiteSpace([string] $portal.InitiatorInstanceName)) { $parameters.InitiatorInstanceName = [string] $portal.InitiatorInstanceName }
Remove-IscsiTargetPortal @parameters
Send-Result $null
