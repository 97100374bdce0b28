<#
.SYNOPSIS
Renames the folder of a cluster shared volume, on the node that owns it.
.DESCRIPTION
Pages: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/get-clustersharedvolume,
https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.management/rename-item
.PARAMETER Disk
The unique id of the disk (MSFT_Disk.UniqueId).
.PARAMETER NewName
The new name of the folder below C:\ClusterStorage.
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

$key = Get-DiskKey @(Get-Disk) $Disk
$volumes = @(Get-ClusterSharedVolume)
$volume = Select-ClusterDisk $volumes @($volumes | Get-ClusterParameter -Name DiskIdGuid, DiskSignature) $key $Disk
$owner = [string] $volume.OwnerNode.Name
$here = [string] @(Get-CimInstance -ClassName Win32_ComputerSystem)[0].Name
if ($owner -ne $here) { Stop-Script -Id 'Quorate.SharedVolumeElsewhere' -Category ResourceUnavailable -Message "The volume is owned by $owner." -Target $owner }
Rename-Item -LiteralPath ([string] @($volume.SharedVolumeInfo)[0].FriendlyVolumeName) -NewName $NewName
Send-Result $null
