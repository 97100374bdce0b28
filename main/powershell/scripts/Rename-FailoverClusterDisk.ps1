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

$local = @(Get-Disk -UniqueId $Disk)
if ($local.Count -ne 1) { Stop-Script -Id 'Quorate.ClusterDiskNotAvailable' -Category ObjectNotFound -Message "This server has the disk $Disk $($local.Count) times." -Target $Disk }
$id = if ($local[0].Guid) { ([string] $local[0].Guid).Trim('{', '}') } else { [string] $local[0].Signature }

$resources = @(Get-ClusterResource | Where-Object { [string] $_.ResourceType.Name -eq 'Physical Disk' })
$resource = $resources | Where-Object {
    $guid = ([string] (Get-ClusterParameter -InputObject $_ -Name DiskIdGuid).Value).Trim('{', '}')
    $guid -eq $id
} | Select-Object -First 1
if ($null -eq $resource) { Stop-Script -Id 'Quorate.ClusterDiskNotAvailable' -Category ObjectNotFound -Message "The cluster does not have the disk $Disk." -Target $Disk }

$resource.Name = $NewName
Send-Result $null
