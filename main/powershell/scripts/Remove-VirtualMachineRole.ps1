<#
.SYNOPSIS
Takes a virtual machine out of the cluster; the machine stays.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/remove-clustergroup
.PARAMETER Name
The name of the virtual machine.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Name
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$groups = @(Get-ClusterGroup | Where-Object { [string] $_.GroupType -eq 'VirtualMachine' -and [string] $_.Name -eq $Name })
if ($groups.Count -ne 1) { Stop-Script -Id 'Quorate.MachineNotFound' -Category ObjectNotFound -Message "The cluster has no virtual machine $Name." -Target $Name }

Remove-ClusterGroup -InputObject $groups[0] -RemoveResources -Force
Send-Result $null
