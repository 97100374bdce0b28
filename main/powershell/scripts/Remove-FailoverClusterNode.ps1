<#
.SYNOPSIS
Evicts a node from the cluster of this server.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/remove-clusternode
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

Remove-ClusterNode -Name $Node -Force
Send-Result $null
