<#
.SYNOPSIS
Removes every partition of a disk with all data on it, and its partition table.
.DESCRIPTION
The disk that Windows runs from is refused before Windows is asked. Without zeroing, Windows writes the first and the last megabytes only.
Pages: https://learn.microsoft.com/en-us/powershell/module/storage/clear-disk, https://learn.microsoft.com/en-us/windows-hardware/drivers/storage/clear-msft-disk
.PARAMETER Disk
The unique id of the disk.
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

$found = @(Get-Disk -UniqueId $Disk)
if ($found.Count -gt 1) { Stop-Script -Id 'Quorate.DiskAmbiguous' -Category InvalidData -Message "The disk $Disk is there $($found.Count) times." -Target ([string] $found.Count) }
if ($found[0].IsBoot -or $found[0].IsSystem) { Stop-Script -Id 'Quorate.DiskIsSystem' -Category InvalidOperation -Message "The disk $Disk holds the Windows of this server." }
Clear-Disk -InputObject $found[0] -RemoveData -RemoveOEM -Confirm:$false
Send-Result $null
