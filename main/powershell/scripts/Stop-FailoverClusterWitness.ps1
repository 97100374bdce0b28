<#
.SYNOPSIS
Takes the resource of the witness offline.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/stop-clusterresource
.PARAMETER Resource
The name of the resource.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Resource
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$null = Stop-ClusterResource -Name $Resource
Send-Result $null
