<#
.SYNOPSIS
Sets the metric of a cluster network, or lets Windows choose it.
.DESCRIPTION
Setting Metric ends AutoMetric by itself.
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/get-clusternetwork
.PARAMETER Network
The id of the network.
.PARAMETER Metric
The metric; 0: Windows chooses it.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Network,
    [Parameter(Mandatory = $true)] [int] $Metric
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$found = @(Get-ClusterNetwork | Where-Object { [string] $_.Id -eq $Network })
if ($found.Count -ne 1) { Stop-Script -Id 'Quorate.ClusterNetworkNotFound' -Category ObjectNotFound -Message "The cluster has no network $Network." -Target $Network }
if ($Metric -eq 0) { $found[0].AutoMetric = $true } else { $found[0].Metric = $Metric }
Send-Result $null
