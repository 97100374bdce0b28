<#
.SYNOPSIS
Takes an address from an adapter.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/nettcpip/remove-netipaddress
.PARAMETER Nic
The adapter's InterfaceGuid.
.PARAMETER Address
The address.
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
    [Parameter(Mandatory = $true)] [string] $Address
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$adapter = Get-NetAdapter -IncludeHidden | Where-Object { $_.InterfaceGuid -eq $Nic }
if ($null -eq $adapter) { Stop-Script -Id 'Quorate.NicNotFound' -Category ObjectNotFound -Message "No network adapter has the InterfaceGuid $Nic." -Target $Nic }
Remove-NetIPAddress -InterfaceIndex $adapter.InterfaceIndex -IPAddress $Address -Confirm:$false
Send-Result $null
