<#
.SYNOPSIS
Adds a node to the cluster of this server, without its storage.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/add-clusternode
.PARAMETER Node
The computer name of the node.
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

$null = Add-ClusterNode -Name $Node -NoStorage
Send-Result $null
