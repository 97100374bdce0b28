<#
.SYNOPSIS
Sets the quorum with a witness or without.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/set-clusterquorum
.PARAMETER Kind
none, disk or share.
.PARAMETER Disk
The unique id of the witness disk.
.PARAMETER Path
The share.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Kind,
    [Parameter(Mandatory = $true)] [AllowEmptyString()] [string] $Disk,
    [Parameter(Mandatory = $true)] [AllowEmptyString()] [string] $Path
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

if ($Kind -eq 'none') { $null = Set-ClusterQuorum -NoWitness }
elseif ($Kind -eq 'share') { $null = Set-ClusterQuorum -FileShareWitness $Path }
else {
    $key = Get-DiskKey @(Get-Disk) $Disk
    $disks = @(Get-ClusterResource | Where-Object { [string] $_.ResourceType.Name -eq 'Physical Disk' })
    $resource = Select-ClusterDisk $disks @($disks | Get-ClusterParameter -Name DiskIdGuid, DiskSignature) $key $Disk
    
    $null = Set-ClusterQuorum -DiskWitness ([string] $resource.Name)
}
Send-Result $null
