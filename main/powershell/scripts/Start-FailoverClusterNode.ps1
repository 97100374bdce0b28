<#
.SYNOPSIS
Starts the cluster service of a node; its roles stay where they are.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/start-clusternode
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

$null = Start-ClusterNode -Name $Node
Send-Result $null
