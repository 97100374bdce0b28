<#
.SYNOPSIS
Sets the category of the network that an adapter is connected to.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/netconnection/set-netconnectionprofile
.PARAMETER Nic
The adapter's InterfaceGuid.
.PARAMETER Category
public or private.
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
    [Parameter(Mandatory = $true)] [string] $Category
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$adapter = Get-NetAdapter -IncludeHidden | Where-Object { $_.InterfaceGuid -eq $Nic }
if ($null -eq $adapter) { Stop-Script -Id 'Quorate.NicNotFound' -Category ObjectNotFound -Message "No network adapter has the InterfaceGuid $Nic." -Target $Nic }
Set-NetConnectionProfile -InterfaceIndex $adapter.InterfaceIndex -NetworkCategory $Category
Send-Result $null
