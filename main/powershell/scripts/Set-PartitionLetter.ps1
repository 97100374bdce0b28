<#
.SYNOPSIS
Gives a partition a letter, or takes it away.
.DESCRIPTION
Pages: https://learn.microsoft.com/en-us/powershell/module/storage/set-partition, https://learn.microsoft.com/en-us/powershell/module/storage/remove-partitionaccesspath
.PARAMETER Disk
The unique id of the disk.
.PARAMETER PartitionNumber
The partition.
.PARAMETER DriveLetter
One letter; without it the partition has none afterwards.
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
    [ValidatePattern('^[A-Za-z]?$')] [string] $DriveLetter
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$found = @(Get-Disk -UniqueId $Disk)
if ($found.Count -gt 1) { Stop-Script -Id 'Quorate.DiskAmbiguous' -Category InvalidData -Message "The disk $Disk is there $($found.Count) times." -Target ([string] $found.Count) }
$partition = Get-Partition | Where-Object { $_.DiskNumber -eq $found[0].Number -and $_.PartitionNumber -eq $PartitionNumber }
if ($null -eq $partition) { Stop-Script -Id 'Quorate.PartitionNotFound' -Category ObjectNotFound -Message "The disk has no partition $PartitionNumber." -Target ([string] $PartitionNumber) }
$current = [int] [char] $partition.DriveLetter
if ($DriveLetter) {
    if ($current -ne [int] [char] $DriveLetter.ToUpperInvariant()) {
        Set-Partition -InputObject $partition -NewDriveLetter ([char] $DriveLetter)
    }
}
elseif ($current -ge 65) { [void] (Remove-PartitionAccessPath -InputObject $partition -AccessPath "$([char] $current):\") }
Send-Result $null
