<#
.SYNOPSIS
Sets the largest frame of an adapter through its driver's *JumboPacket.
.DESCRIPTION
The adapter restarts. The property is known by its keyword, never by its display name.
Pages: https://learn.microsoft.com/en-us/powershell/module/netadapter/set-netadapteradvancedproperty,
https://learn.microsoft.com/en-us/windows-hardware/drivers/network/standardized-inf-keywords-for-network-devices
.PARAMETER Nic
The adapter's InterfaceGuid.
.PARAMETER ValueBytes
The value, such as 9014: with the Ethernet header.
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
    [Parameter(Mandatory = $true)] [int] $ValueBytes
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$adapter = Get-NetAdapter -IncludeHidden | Where-Object { $_.InterfaceGuid -eq $Nic }
if ($null -eq $adapter) { Stop-Script -Id 'Quorate.NicNotFound' -Category ObjectNotFound -Message "No network adapter has the InterfaceGuid $Nic." -Target $Nic }
$property = Get-NetAdapterAdvancedProperty | Where-Object { $_.Name -eq $adapter.Name -and $_.RegistryKeyword -eq '*JumboPacket' }
if ($null -eq $property) { Stop-Script -Id 'Quorate.NicJumboUnsupported' -Category ObjectNotFound -Message 'The driver has no property *JumboPacket.' -Target $Nic }
Set-NetAdapterAdvancedProperty -InputObject $property -RegistryValue ([string] $ValueBytes) -Confirm:$false
Send-Result $null
