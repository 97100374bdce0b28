<#
.SYNOPSIS
Makes a cluster shared volume a disk of Available Storage.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/remove-clustersharedvolume
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

$local = @(Get-Disk -UniqueId $Disk)
if ($local.Count -ne 1) { Stop-Script -Id 'Quorate.ClusterDiskNotAvailable' -Category ObjectNotFound -Message "This server has the disk $Disk $($local.Count) times." -Target $Disk }
$id = if ($local[0].Guid) { ([string] $local[0].Guid).Trim('{', '}') } else { [string] $local[0].Signature }

$resource = $null
foreach ($volume in @(Get-ClusterSharedVolume)) {
    $guid = ([string] (Get-ClusterParameter -InputObject $volume -Name DiskIdGuid).Value).Trim('{', '}')
    if ($guid -eq $id) { $resource = $volume }
}
if ($null -eq $resource) { Stop-Script -Id 'Quorate.ClusterDiskNotAvailable' -Category ObjectNotFound -Message "No cluster shared volume lies on the disk $Disk." -Target $Disk }

$null = Remove-ClusterSharedVolume -InputObject $resource
Send-Result $null
