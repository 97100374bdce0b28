<#
.SYNOPSIS
Stops the cluster service of a node; its roles go to other nodes.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/stop-clusternode
.PARAMETER Node
The name of the node.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Node
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$null = Stop-ClusterNode -Name $Node
Send-Result $null
