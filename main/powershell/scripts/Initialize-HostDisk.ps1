<#
.SYNOPSIS
Writes a partition table.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/storage/initialize-disk
.PARAMETER Disk
The unique id of the disk.
.PARAMETER Style
GPT or MBR.
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
    [Parameter(Mandatory = $true)] [ValidateSet('GPT', 'MBR')] [string] $Style
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$found = @(Get-Disk -UniqueId $Disk)
if ($found.Count -gt 1) { Stop-Script -Id 'Quorate.DiskAmbiguous' -Category InvalidData -Message "The disk $Disk is there $($found.Count) times." -Target ([string] $found.Count) }
Initialize-Disk -InputObject $found[0] -PartitionStyle $Style -Confirm:$false
Send-Result $null
