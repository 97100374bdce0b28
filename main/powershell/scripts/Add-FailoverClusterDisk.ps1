<#
.SYNOPSIS
Makes a disk that every node sees one of the cluster.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/add-clusterdisk
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

$key = Get-DiskKey @(Get-Disk) $Disk

$available = @(Get-ClusterAvailableDisk | Where-Object { (ConvertTo-DiskKey $_.Id) -eq $key })
if ($available.Count -ne 1) { Stop-Script -Id 'Quorate.ClusterDiskNotAvailable' -Category ObjectNotFound -Message "Not every node sees the disk $Disk." -Target $Disk }
$added = Add-ClusterDisk -InputObject $available[0]
Send-Result ([ordered]@{ name = [string] $added.Name })
