<#
.SYNOPSIS
Renames the resource of a cluster's disk.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/get-clusterresource
.PARAMETER Disk
The unique id of the disk (MSFT_Disk.UniqueId).
.PARAMETER NewName
Its new name.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Disk,
    [Parameter(Mandatory = $true)] [string] $NewName
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$key = Get-DiskKey @(Get-Disk) $Disk
$disks = @(Get-ClusterResource | Where-Object { [string] $_.ResourceType.Name -eq 'Physical Disk' })
$resource = Select-ClusterDisk $disks @($disks | Get-ClusterParameter -Name DiskIdGuid, DiskSignature) $key $Disk

$resource.Name = $NewName
Send-Result $null
