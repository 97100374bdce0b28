<#
.SYNOPSIS
Names the node that loses its vote first where two would be left.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/get-cluster
.PARAMETER Node
The name of the node; empty: none.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [AllowEmptyString()] [string] $Node
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$here = Get-Cluster
$here.LowerQuorumPriorityNodeId = if ($Node -eq '') { 0 } else { [int] (Get-ClusterNode -Name $Node).Id }
Send-Result $null
