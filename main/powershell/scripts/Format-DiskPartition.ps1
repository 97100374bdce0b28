<#
.SYNOPSIS
Formats one partition quickly; everything on it is lost.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/storage/format-volume
.PARAMETER Disk
The unique id of the disk.
.PARAMETER PartitionNumber
The partition.
.PARAMETER FileSystem
NTFS or ReFS.
.PARAMETER Label
The name of the volume.
.PARAMETER AllocationUnitBytes
Cluster size; without it Windows chooses.
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
    [Parameter(Mandatory = $true)] [uint32] $PartitionNumber,
    [Parameter(Mandatory = $true)] [ValidateSet('NTFS', 'ReFS')] [string] $FileSystem,
    [AllowEmptyString()] [string] $Label = '',
    [uint32] $AllocationUnitBytes = 0
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$found = @(Get-Disk -UniqueId $Disk)
if ($found.Count -gt 1) { Stop-Script -Id 'Quorate.DiskAmbiguous' -Category InvalidData -Message "The disk $Disk is there $($found.Count) times." -Target ([string] $found.Count) }
$partition = Get-Partition | Where-Object { $_.DiskNumber -eq $found[0].Number -and $_.PartitionNumber -eq $PartitionNumber }
if ($null -eq $partition) { Stop-Script -Id 'Quorate.PartitionNotFound' -Category ObjectNotFound -Message "The disk has no partition $PartitionNumber." -Target ([string] $PartitionNumber) }
$parameters = @{ Partition = $partition; FileSystem = $FileSystem; Confirm = $false }
if ($Label) { $parameters.NewFileSystemLabel = $Label }
if ($AllocationUnitBytes -gt 0) { $parameters.AllocationUnitSize = $AllocationUnitBytes }
[void] (Format-Volume @parameters)
Send-Result $null
