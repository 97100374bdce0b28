<#
.SYNOPSIS
Sets what the cluster uses a network for.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/get-clusternetwork
.PARAMETER Network
The id of the network.
.PARAMETER Role
none, cluster or clusterAndClient.
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
    [Parameter(Mandatory = $true)] [string] $Role
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$found = @(Get-ClusterNetwork | Where-Object { [string] $_.Id -eq $Network })
if ($found.Count -ne 1) { Stop-Script -Id 'Quorate.ClusterNetworkNotFound' -Category ObjectNotFound -Message "The cluster has no network $Network." -Target $Network }
$numbers = @{ none = 0; cluster = 1; clusterAndClient = 3 }
$found[0].Role = $numbers[$Role]
Send-Result $null
