<#
.SYNOPSIS
Opens Windows' firewall for the addresses on which Quorate listens for other servers, and for nothing else.
.DESCRIPTION
Rules of the group "Quorate" whose names begin with Quorate-OWNER- are replaced: those of a run that was killed go as well. For each address one rule for TCP to
that address and port, and one for multicast DNS (UDP 5353) on its network adapter from the local subnet; both for this program alone. Without addresses the rules
are only removed.
Pages: https://learn.microsoft.com/en-us/powershell/module/netsecurity/new-netfirewallrule, https://learn.microsoft.com/en-us/powershell/module/netsecurity/get-netfirewallrule,
https://learn.microsoft.com/en-us/powershell/module/netsecurity/remove-netfirewallrule
.PARAMETER Owner
Tells the rules of one data folder from those of another.
.PARAMETER Program
The full path of the program that listens.
.PARAMETER Address
The addresses; for each the entry of Port and of InterfaceAlias at the same place.
.PARAMETER Port
TCP ports.
.PARAMETER InterfaceAlias
The name of the network adapter for multicast DNS; empty where none is wanted.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: something
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [ValidatePattern('^[0-9a-f]{16}$')] [string] $Owner,
    [Parameter(Mandatory = $true)] [string] $Program,
    [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [string[]] $Address,
    [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [int[]] $Port,
    [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [AllowEmptyString()] [string[]] $InterfaceAlias
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$prefix = "Quorate-$Owner-"
$old = @()
try { $old = @(Get-NetFirewallRule -Group 'Quorate' | Where-Object { ([string] $_.Name).StartsWith($prefix) }) }
catch {
    # No rule of the group is no error here.
    if ($_.FullyQualifiedErrorId -notlike 'CmdletizationQuery_NotFound*') { throw }
}
foreach ($rule in $old) { Remove-NetFirewallRule -Name ([string] $rule.Name) }

for ($index = 0; $index -lt $Address.Count; $index++) {
    $tcp = @{
        Name = "$prefix$index-tcp"
        DisplayName = 'Quorate (TCP-In)'
        Group = 'Quorate'
        Direction = 'Inbound'
        Action = 'Allow'
        Profile = 'Any'
        Program = $Program
        Protocol = 'TCP'
        LocalAddress = $Address[$index]
        LocalPort = [string] $Port[$index]
    }
    $null = New-NetFirewallRule @tcp
    if ($InterfaceAlias[$index] -eq '') { continue }
    $mdns = @{
        Name = "$prefix$index-mdns"
        DisplayName = 'Quorate (mDNS-In)'
        Group = 'Quorate'
        Direction = 'Inbound'
        Action = 'Allow'
        Profile = 'Any'
        Program = $Program
        Protocol = 'UDP'
        LocalPort = '5353'
        # What is sent to the group's address has that as its local address, so the adapter is named and not its address.
        InterfaceAlias = [System.Management.Automation.WildcardPattern]::Escape($InterfaceAlias[$index])
        RemoteAddress = 'LocalSubnet'
    }
    $null = New-NetFirewallRule @mdns
}
Send-Result $null
