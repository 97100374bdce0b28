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
    $local = @(Get-Disk -UniqueId $Disk)
    if ($local.Count -ne 1) { Stop-Script -Id 'Quorate.ClusterDiskNotAvailable' -Category ObjectNotFound -Message "This server has the disk $Disk $($local.Count) times." -Target $Disk }
    $id = if ($local[0].Guid) { ([string] $local[0].Guid).Trim('{', '}') } else { [string] $local[0].Signature }
    
    $resources = @(Get-ClusterResource | Where-Object { [string] $_.ResourceType.Name -eq 'Physical Disk' })
    $resource = $resources | Where-Object {
        $guid = ([string] (Get-ClusterParameter -InputObject $_ -Name DiskIdGuid).Value).Trim('{', '}')
        $guid -eq $id
    } | Select-Object -First 1
    if ($null -eq $resource) { Stop-Script -Id 'Quorate.ClusterDiskNotAvailable' -Category ObjectNotFound -Message "The cluster does not have the disk $Disk." -Target $Disk }
    
    $null = Set-ClusterQuorum -DiskWitness ([string] $resource.Name)
}
Send-Result $null
