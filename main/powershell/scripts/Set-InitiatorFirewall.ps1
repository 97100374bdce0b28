<#
.SYNOPSIS
Switches Windows' own firewall rules for iSCSI on or off.
.DESCRIPTION
The rules are known by the resource of their group, which no language changes.
Page: https://learn.microsoft.com/en-us/powershell/module/netsecurity/set-netfirewallrule
.PARAMETER Enabled
True switches them on.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [bool] $Enabled
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

if ($Enabled) { $state = 'True' } else { $state = 'False' }
Set-NetFirewallRule -Group '@FirewallAPI.dll,-29002' -Enabled $state
Send-Result $null
