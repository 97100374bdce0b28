<#
.SYNOPSIS
Sets the preferred owners of a group and the possible owners of both of its resources.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/set-clusterownernode
.PARAMETER Name
The name of the virtual machine.
.PARAMETER Preferred
Nodes in order.
.PARAMETER Possible
Nodes; empty: all.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: something
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Name,
    [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [string[]] $Preferred,
    [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [string[]] $Possible
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$groups = @(Get-ClusterGroup | Where-Object { [string] $_.GroupType -eq 'VirtualMachine' -and [string] $_.Name -eq $Name })
if ($groups.Count -ne 1) { Stop-Script -Id 'Quorate.MachineNotFound' -Category ObjectNotFound -Message "The cluster has no virtual machine $Name." -Target $Name }

$nodes = if ($Possible.Count -gt 0) { $Possible } else { @(Get-ClusterNode | ForEach-Object { [string] $_.Name }) }
Set-ClusterOwnerNode -Group $Name -Owners $Preferred
foreach ($resource in @(Get-ClusterResource | Where-Object { [string] $_.OwnerGroup.Name -eq $Name -and [string] $_.ResourceType.Name -like 'Virtual Machine*' })) {
    Set-ClusterOwnerNode -Resource ([string] $resource.Name) -Owners $nodes
}
Send-Result $null
