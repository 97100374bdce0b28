<#
.SYNOPSIS
Brings the resource of the witness online.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/start-clusterresource
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

$null = Start-ClusterResource -Name $Resource
Send-Result $null
