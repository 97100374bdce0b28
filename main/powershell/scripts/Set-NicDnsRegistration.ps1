<#
.SYNOPSIS
Says whether an adapter registers its addresses in DNS.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/dnsclient/set-dnsclient
.PARAMETER Nic
The adapter's InterfaceGuid.
.PARAMETER Registers
True: it does.
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
    [Parameter(Mandatory = $true)] [bool] $Registers
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$adapter = Get-NetAdapter -IncludeHidden | Where-Object { $_.InterfaceGuid -eq $Nic }
if ($null -eq $adapter) { Stop-Script -Id 'Quorate.NicNotFound' -Category ObjectNotFound -Message "No network adapter has the InterfaceGuid $Nic." -Target $Nic }
Set-DnsClient -InterfaceIndex $adapter.InterfaceIndex -RegisterThisConnectionsAddress $Registers
Send-Result $null
