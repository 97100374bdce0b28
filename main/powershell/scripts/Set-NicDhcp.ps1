<#
.SYNOPSIS
Switches DHCP on or off for one address family of an adapter.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/nettcpip/set-netipinterface
.PARAMETER Nic
The adapter's InterfaceGuid.
.PARAMETER Family
IPv4 or IPv6.
.PARAMETER Enabled
True switches it on.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Nic,
    [Parameter(Mandatory = $true)] [ValidateSet('IPv4', 'IPv6')] [string] $Family,
    [Parameter(Mandatory = $true)] [bool] $Enabled
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$adapter = Get-NetAdapter -IncludeHidden | Where-Object { $_.InterfaceGuid -eq $Nic }
if ($null -eq $adapter) { Stop-Script -Id 'Quorate.NicNotFound' -Category ObjectNotFound -Message "No network adapter has the InterfaceGuid $Nic." -Target $Nic }
if ($Enabled) { $dhcp = 'Enabled' } else { $dhcp = 'Disabled' }
Set-NetIPInterface -InterfaceIndex $adapter.InterfaceIndex -AddressFamily $Family -Dhcp $dhcp
Send-Result $null
