<#
.SYNOPSIS
Sets the cluster networks that no live migration goes over.
.DESCRIPTION
The resource type "Virtual Machine" keeps them, by their ids with semicolons between them.
Pages: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/get-clusterresourcetype,
https://learn.microsoft.com/en-us/powershell/module/failoverclusters/set-clusterparameter
.PARAMETER Exclude
Ids of networks with semicolons between them; empty: none is left out.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [AllowEmptyString()] [string] $Exclude
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$known = @(Get-ClusterNetwork | ForEach-Object { [string] $_.Id })
$gone = @($Exclude.Split([char[]] @(59), [System.StringSplitOptions]::RemoveEmptyEntries) | Where-Object { $known -notcontains $_ })
if ($gone.Count -gt 0) { Stop-Script -Id 'Quorate.ClusterNetworkNotFound' -Category ObjectNotFound -Message "The cluster has no network $($gone[0])." -Target $gone[0] }
$type = @(Get-ClusterResourceType | Where-Object { [string] $_.Name -eq 'Virtual Machine' })
if ($type.Count -ne 1) { Stop-Script -Id 'Quorate.MachineTypeMissing' -Category ObjectNotFound -Message 'The cluster has no resource type "Virtual Machine".' -Target 'Virtual Machine' }
Set-ClusterParameter -InputObject $type[0] -Name MigrationExcludeNetworks -Value $Exclude
Send-Result $null
