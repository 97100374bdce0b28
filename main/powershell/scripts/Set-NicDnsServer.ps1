<#
.SYNOPSIS
Sets the DNS servers of one address family of an adapter, in order.
.DESCRIPTION
An empty list goes back to what DHCP gives. The object of this family is changed: named by its index, a reset would take both families.
Page: https://learn.microsoft.com/en-us/powershell/module/dnsclient/set-dnsclientserveraddress
.PARAMETER Nic
The adapter's InterfaceGuid.
.PARAMETER Family
IPv4 or IPv6.
.PARAMETER Server
The servers.
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
    [AllowEmptyCollection()] [string[]] $Server = @()
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$adapter = Get-NetAdapter -IncludeHidden | Where-Object { $_.InterfaceGuid -eq $Nic }
if ($null -eq $adapter) { Stop-Script -Id 'Quorate.NicNotFound' -Category ObjectNotFound -Message "No network adapter has the InterfaceGuid $Nic." -Target $Nic }
$list = Get-DnsClientServerAddress -InterfaceIndex $adapter.InterfaceIndex -AddressFamily $Family
if ($Server.Count -gt 0) { Set-DnsClientServerAddress -InputObject $list -ServerAddresses $Server }
else { Set-DnsClientServerAddress -InputObject $list -ResetServerAddresses }
Send-Result $null
