<#
.SYNOPSIS
Renames a network of the cluster.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/get-clusternetwork
.PARAMETER Network
The id of the network.
.PARAMETER NewName
Its new name.
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
    [Parameter(Mandatory = $true)] [string] $NewName
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$found = @(Get-ClusterNetwork | Where-Object { [string] $_.Id -eq $Network })
if ($found.Count -ne 1) { Stop-Script -Id 'Quorate.ClusterNetworkNotFound' -Category ObjectNotFound -Message "The cluster has no network $Network." -Target $Network }
$found[0].Name = $NewName
Send-Result $null
