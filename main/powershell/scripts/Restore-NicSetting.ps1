<#
.SYNOPSIS
Puts settings of adapters back and removes the task that waited to do so.
.DESCRIPTION
Runs as the task that Register-NicRevert makes, as SYSTEM and without Quorate, or by hand. For each adapter, only the parts that are named: 1. enabled;
2. DHCP off; 3. manual addresses that are not wanted; 4. wanted addresses that are missing; 5. the default gateway; 6. DNS servers; 7. DHCP on;
8. disabled. A part that fails does not keep the rest from being put back.
Pages: https://learn.microsoft.com/en-us/powershell/module/netadapter/, https://learn.microsoft.com/en-us/powershell/module/nettcpip/,
https://learn.microsoft.com/en-us/powershell/module/dnsclient/, https://learn.microsoft.com/en-us/powershell/module/scheduledtasks/
.PARAMETER Token
The revert's token.
.PARAMETER Restore
List of interfaceGuid, switchName (its NIC of the host goes before the other), enabled, dhcp {family, enabled}, addresses {family, list}, gateway {family, nextHop}, dnsServers {family, servers}.
.OUTPUTS
failed: how many parts could not be put back
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: something
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Token,
    [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [hashtable[]] $Restore
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$failed = 0
$prefixes = @{ ipv4 = '0.0.0.0/0'; ipv6 = '::/0' }
$families = @{ 2 = 'IPv4'; 23 = 'IPv6' }
foreach ($item in $Restore) {
    # A NIC of the host on the switch has the address now.
    $all = Get-NetAdapter -IncludeHidden
    $adapter = $all | Where-Object { $_.Name -eq "vEthernet ($($item['switchName']))" }
    if (-not $adapter) { $adapter = $all | Where-Object { $_.InterfaceGuid -eq $item['interfaceGuid'] } }
    if (-not $adapter) { $failed++; continue }
    $index = $adapter.InterfaceIndex
    $dhcp = $item['dhcp']
    $addresses = $item['addresses']
    $gateway = $item['gateway']
    $dns = $item['dnsServers']
    try {
        if ($item['enabled'] -eq $true) { Enable-NetAdapter -InputObject $adapter -Confirm:$false }
    }
    catch { $failed++ }
    try {
        if ($dhcp -and -not $dhcp['enabled']) { Set-NetIPInterface -InterfaceIndex $index -AddressFamily $dhcp['family'] -Dhcp Disabled }
    }
    catch { $failed++ }
    try {
        if ($addresses) {
            $held = @(Get-NetIPAddress | Where-Object {
                $_.InterfaceIndex -eq $index -and (ConvertTo-EnumName $_.AddressFamily $families) -eq $addresses['family'] -and
                (ConvertTo-EnumName $_.PrefixOrigin @{ 1 = 'Manual' }) -eq 'Manual'
            })
            $wanted = @($addresses['list'])
            foreach ($one in $held) {
                $same = @($wanted | Where-Object { $_['address'] -eq [string] $one.IPAddress -and [int] $_['prefixLength'] -eq [int] $one.PrefixLength })
                if ($same.Count -eq 0) { Remove-NetIPAddress -InterfaceIndex $index -IPAddress ([string] $one.IPAddress) -Confirm:$false }
            }
            foreach ($one in $wanted) {
                $same = @($held | Where-Object { [string] $_.IPAddress -eq $one['address'] -and [int] $_.PrefixLength -eq [int] $one['prefixLength'] })
                if ($same.Count -eq 0) { $null = New-NetIPAddress -InterfaceIndex $index -IPAddress $one['address'] -PrefixLength ([byte] $one['prefixLength']) }
            }
        }
    }
    catch { $failed++ }
    try {
        if ($gateway) {
            $prefix = $prefixes[$gateway['family']]
            $hops = @{}
            foreach ($store in 'ActiveStore', 'PersistentStore') {
                $routes = @()
                try { $routes = @(Get-NetRoute -PolicyStore $store | Where-Object { $_.InterfaceIndex -eq $index -and $_.DestinationPrefix -eq $prefix }) }
                catch {
                    # A store that holds no route at all, as the persistent one of a server that only ever had DHCP, is told as an error.
                    if ($_.FullyQualifiedErrorId -notlike 'CmdletizationQuery_NotFound*') { throw }
                }
                foreach ($route in $routes) {
                    $hop = [string] $route.NextHop
                    $hops[$hop] = $true
                    if ($hop -ne $gateway['nextHop']) { Remove-NetRoute -InterfaceIndex $index -DestinationPrefix $prefix -NextHop $hop -PolicyStore $store -Confirm:$false }
                }
            }
            if ($gateway['nextHop'] -and -not $hops.ContainsKey($gateway['nextHop'])) {
                $null = New-NetRoute -InterfaceIndex $index -DestinationPrefix $prefix -NextHop $gateway['nextHop']
            }
        }
    }
    catch { $failed++ }
    try {
        if ($dns) {
            $list = Get-DnsClientServerAddress -InterfaceIndex $index -AddressFamily $dns['family']
            $servers = @($dns['servers'])
            if ($servers.Count -gt 0) { Set-DnsClientServerAddress -InputObject $list -ServerAddresses $servers }
            else { Set-DnsClientServerAddress -InputObject $list -ResetServerAddresses }
        }
    }
    catch { $failed++ }
    try {
        if ($dhcp -and $dhcp['enabled']) { Set-NetIPInterface -InterfaceIndex $index -AddressFamily $dhcp['family'] -Dhcp Enabled }
    }
    catch { $failed++ }
    try {
        if ($item['enabled'] -eq $false) { Disable-NetAdapter -InputObject $adapter -Confirm:$false }
    }
    catch { $failed++ }
}
$task = Get-ScheduledTask | Where-Object { $_.TaskPath -eq '\Quorate\' -and $_.TaskName -eq "Revert-$Token" }
if ($task) { Unregister-ScheduledTask -TaskName "Revert-$Token" -TaskPath '\Quorate\' -Confirm:$false }
Send-Result ([ordered]@{ failed = $failed })
