<#
.SYNOPSIS
Sets the names by which the cluster keeps a highly available virtual machine apart from others.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/windows-server/failover-clustering/cluster-affinity
.PARAMETER Name
The name of the virtual machine.
.PARAMETER Classes
Names that machines share that are to run on different nodes; empty: none.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Name,
    [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [string[]] $Classes
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$groups = @(Get-ClusterGroup | Where-Object { [string] $_.GroupType -eq 'VirtualMachine' -and [string] $_.Name -eq $Name })
if ($groups.Count -ne 1) { Stop-Script -Id 'Quorate.MachineNotFound' -Category ObjectNotFound -Message "The cluster has no virtual machine $Name." -Target $Name }

$wanted = [System.Collections.Specialized.StringCollection]::new()
$wanted.AddRange($Classes)
$groups[0].AntiAffinityClassNames = $wanted
Send-Result $null
