<#
.SYNOPSIS
Makes one partition over all the free space of a disk.
.DESCRIPTION
New-Partition reports a letter that is taken and leaves the partition behind without one; what was made is told by the failure's effect.
Pages: https://learn.microsoft.com/en-us/powershell/module/storage/new-partition, https://learn.microsoft.com/en-us/windows-hardware/drivers/storage/createpartition-msft-disk
.PARAMETER Disk
The unique id of the disk.
.PARAMETER DriveLetter
One letter; without it the partition gets none.
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
    [ValidatePattern('^[A-Za-z]?$')] [string] $DriveLetter
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$found = @(Get-Disk -UniqueId $Disk)
if ($found.Count -gt 1) { Stop-Script -Id 'Quorate.DiskAmbiguous' -Category InvalidData -Message "The disk $Disk is there $($found.Count) times." -Target ([string] $found.Count) }
if ($DriveLetter) { [void] (New-Partition -InputObject $found[0] -UseMaximumSize -DriveLetter ([char] $DriveLetter)) }
else { [void] (New-Partition -InputObject $found[0] -UseMaximumSize) }
Send-Result $null
