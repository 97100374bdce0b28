<#
.SYNOPSIS
Removes what a cluster left behind on a server.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/clear-clusternode
.PARAMETER Node
The name of the server.
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

Clear-ClusterNode -Name $Node -Force -Confirm:$false
Send-Result $null
