<#
.SYNOPSIS
Sets the cluster networks that no live migration goes over, and those that it tries first.
.DESCRIPTION
The resource type "Virtual Machine" keeps them, by their ids with semicolons between them.
Pages: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/get-clusterresourcetype,
https://learn.microsoft.com/en-us/powershell/module/failoverclusters/set-clusterparameter,
https://learn.microsoft.com/en-us/previous-versions/windows/desktop/mscs/virtual-machines-migrationnetworkorder
.PARAMETER Exclude
Ids of networks with semicolons between them; empty: none is left out.
.PARAMETER Order
Ids of those that are tried first, in their order; empty: by their metrics; not given: as it is.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: something
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [AllowEmptyString()] [string] $Exclude,
    [AllowEmptyString()] [string] $Order
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$known = @(Get-ClusterNetwork | ForEach-Object { [string] $_.Id })
$gone = @("$Exclude;$Order".Split([char[]] @(59), [System.StringSplitOptions]::RemoveEmptyEntries) | Where-Object { $known -notcontains $_ })
if ($gone.Count -gt 0) { Stop-Script -Id 'Quorate.ClusterNetworkNotFound' -Category ObjectNotFound -Message "The cluster has no network $($gone[0])." -Target $gone[0] }
$type = @(Get-ClusterResourceType | Where-Object { [string] $_.Name -eq 'Virtual Machine' })
if ($type.Count -ne 1) { Stop-Script -Id 'Quorate.MachineTypeMissing' -Category ObjectNotFound -Message 'The cluster has no resource type "Virtual Machine".' -Target 'Virtual Machine' }
Set-ClusterParameter -InputObject $type[0] -Name MigrationExcludeNetworks -Value $Exclude
if ($PSBoundParameters.ContainsKey('Order')) { Set-ClusterParameter -InputObject $type[0] -Name MigrationNetworkOrder -Value $Order }
Send-Result $null
