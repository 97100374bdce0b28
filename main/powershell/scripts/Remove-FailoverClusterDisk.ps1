<#
.SYNOPSIS
Takes a disk that nothing uses out of the cluster.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/remove-clusterresource
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
$disks = @(Get-ClusterResource | Where-Object { [string] $_.ResourceType.Name -eq 'Physical Disk' })
$resource = Select-ClusterDisk $disks @($disks | Get-ClusterParameter -Name DiskIdGuid, DiskSignature) $key $Disk

Remove-ClusterResource -InputObject $resource -Force
Send-Result $null
