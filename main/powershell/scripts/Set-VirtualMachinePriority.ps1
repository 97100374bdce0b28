<#
.SYNOPSIS
Sets the start priority of a highly available virtual machine.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/get-clustergroup
.PARAMETER Name
The name of the virtual machine.
.PARAMETER Priority
3000, 2000, 1000 or 0.
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
    [Parameter(Mandatory = $true)] [int] $Priority
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$groups = @(Get-ClusterGroup | Where-Object { [string] $_.GroupType -eq 'VirtualMachine' -and [string] $_.Name -eq $Name })
if ($groups.Count -ne 1) { Stop-Script -Id 'Quorate.MachineNotFound' -Category ObjectNotFound -Message "The cluster has no virtual machine $Name." -Target $Name }

$groups[0].Priority = $Priority
Send-Result $null
