<#
.SYNOPSIS
Sets the one default gateway of an address family, or removes every one.
.DESCRIPTION
1. Removes the adapter's default routes with another next hop, from both stores: the active one lacks those of an adapter without a link.
2. Adds the wanted one where it is missing.
Pages: https://learn.microsoft.com/en-us/powershell/module/nettcpip/get-netroute, https://learn.microsoft.com/en-us/powershell/module/nettcpip/remove-netroute, https://learn.microsoft.com/en-us/powershell/module/nettcpip/new-netroute
.PARAMETER Nic
The adapter's InterfaceGuid.
.PARAMETER Family
IPv4 or IPv6.
.PARAMETER NextHop
The gateway; without it no default route is left.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: something
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Nic,
    [Parameter(Mandatory = $true)] [ValidateSet('IPv4', 'IPv6')] [string] $Family,
    [string] $NextHop
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$adapter = Get-NetAdapter -IncludeHidden | Where-Object { $_.InterfaceGuid -eq $Nic }
if ($null -eq $adapter) { Stop-Script -Id 'Quorate.NicNotFound' -Category ObjectNotFound -Message "No network adapter has the InterfaceGuid $Nic." -Target $Nic }
if ($Family -eq 'IPv4') { $prefix = '0.0.0.0/0' } else { $prefix = '::/0' }
$wanted = $null
if ($NextHop) { $wanted = [System.Net.IPAddress]::Parse($NextHop) }
$present = $false
foreach ($store in 'ActiveStore', 'PersistentStore') {
    $routes = @()
    try { $routes = @(Get-NetRoute -PolicyStore $store | Where-Object { $_.InterfaceIndex -eq $adapter.InterfaceIndex -and $_.DestinationPrefix -eq $prefix }) }
    catch {
        # A store that holds no route at all, as the persistent one of a server that only ever had DHCP, is told as an error.
        if ($_.FullyQualifiedErrorId -notlike 'CmdletizationQuery_NotFound*') { throw }
    }
    foreach ($route in $routes) {
        $hop = [string] $route.NextHop
        if ($null -ne $wanted -and [System.Net.IPAddress]::Parse($hop).Equals($wanted)) { $present = $true }
        else { Remove-NetRoute -InterfaceIndex $adapter.InterfaceIndex -DestinationPrefix $prefix -NextHop $hop -PolicyStore $store -Confirm:$false }
    }
}
if ($null -ne $wanted -and -not $present) {
    [void] (New-NetRoute -InterfaceIndex $adapter.InterfaceIndex -DestinationPrefix $prefix -NextHop $NextHop)
}
Send-Result $null
