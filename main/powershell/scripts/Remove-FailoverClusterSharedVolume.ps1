<#
.SYNOPSIS
Makes a cluster shared volume a disk of Available Storage.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/remove-clustersharedvolume
.PARAMETER Disk
The unique id of the disk (MSFT_Disk.UniqueId).
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Disk
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$key = Get-DiskKey @(Get-Disk) $Disk
$volumes = @(Get-ClusterSharedVolume)
$volume = Select-ClusterDisk $volumes @($volumes | Get-ClusterParameter -Name DiskIdGuid, DiskSignature) $key $Disk
$null = Remove-ClusterSharedVolume -InputObject $volume
Send-Result $null
