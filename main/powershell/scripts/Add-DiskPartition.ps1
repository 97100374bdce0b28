<#
.SYNOPSIS
Makes one partition over all the free space of a disk.
.DESCRIPTION
A letter that is taken is looked for first: New-Partition would report it and leave the partition behind without a letter.
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

$found = @(Get-Disk | Where-Object { $_.UniqueId -eq $Disk })
if ($found.Count -eq 0) { Stop-Script -Id 'Quorate.DiskNotFound' -Category ObjectNotFound -Message "There is no disk $Disk." -Target $Disk }
if ($found.Count -gt 1) { Stop-Script -Id 'Quorate.DiskAmbiguous' -Category InvalidData -Message "The disk $Disk is there $($found.Count) times." -Target ([string] $found.Count) }
if ($DriveLetter) {
    $holder = Get-CimInstance -ClassName Win32_LogicalDisk | Where-Object { $_.DeviceID -eq "${DriveLetter}:" }
    if ($null -ne $holder) { Stop-Script -Id 'Quorate.LetterInUse' -Category ResourceExists -Message "The letter $DriveLetter is taken." -Target ([string] $holder.VolumeName) }
}
if ($DriveLetter) { [void] (New-Partition -InputObject $found[0] -UseMaximumSize -DriveLetter ([char] $DriveLetter)) }
else { [void] (New-Partition -InputObject $found[0] -UseMaximumSize) }
Send-Result $null
