<#
.SYNOPSIS
Brings a disk online or takes it offline.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/storage/set-disk
.PARAMETER Disk
The unique id of the disk.
.PARAMETER Online
True brings it online.
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
    [Parameter(Mandatory = $true)] [bool] $Online
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$found = @(Get-Disk -UniqueId $Disk)
if ($found.Count -gt 1) { Stop-Script -Id 'Quorate.DiskAmbiguous' -Category InvalidData -Message "The disk $Disk is there $($found.Count) times." -Target ([string] $found.Count) }
Set-Disk -InputObject $found[0] -IsOffline (-not $Online)
Send-Result $null
