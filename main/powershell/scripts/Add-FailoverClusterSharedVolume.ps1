<#
.SYNOPSIS
Makes a disk of Available Storage a cluster shared volume.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/add-clustersharedvolume
.PARAMETER Disk
The unique id of the disk (MSFT_Disk.UniqueId).
.OUTPUTS
name
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

$local = @(Get-Disk -UniqueId $Disk)
if ($local.Count -ne 1) { Stop-Script -Id 'Quorate.ClusterDiskNotAvailable' -Category ObjectNotFound -Message "This server has the disk $Disk $($local.Count) times." -Target $Disk }
$id = if ($local[0].Guid) { ([string] $local[0].Guid).Trim('{', '}') } else { [string] $local[0].Signature }

$resources = @(Get-ClusterResource | Where-Object { [string] $_.ResourceType.Name -eq 'Physical Disk' })
$resource = $resources | Where-Object {
    $guid = ([string] (Get-ClusterParameter -InputObject $_ -Name DiskIdGuid).Value).Trim('{', '}')
    $guid -eq $id
} | Select-Object -First 1
if ($null -eq $resource) { Stop-Script -Id 'Quorate.ClusterDiskNotAvailable' -Category ObjectNotFound -Message "The cluster does not have the disk $Disk." -Target $Disk }

$made = Add-ClusterSharedVolume -InputObject $resource
Send-Result ([ordered]@{ name = [string] $made.Name })
