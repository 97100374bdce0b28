<#
.SYNOPSIS
Removes a set of virtual machines that start together; the sets that wait for it are told not to.
.DESCRIPTION
Pages: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/remove-clustergroupset,
https://learn.microsoft.com/en-us/powershell/module/failoverclusters/remove-clustergroupsetdependency
.PARAMETER Name
The name of the set.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: something
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Name
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$sets = @(Get-ClusterGroupSet)
foreach ($set in $sets) { if ((ConvertTo-TextList $set.ProviderNames) -contains $Name) { $null = Remove-ClusterGroupSetDependency -Name ([string] $set.Name) -Provider $Name } }
if (@($sets | Where-Object { [string] $_.Name -eq $Name }).Count -gt 0) { Remove-ClusterGroupSet -Name $Name -Confirm:$false }
Send-Result $null
