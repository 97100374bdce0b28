<#
.SYNOPSIS
Makes a set of virtual machines of the cluster that start together, after other sets.
.DESCRIPTION
What it has already is left as it is.
Pages: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/new-clustergroupset,
https://learn.microsoft.com/en-us/powershell/module/failoverclusters/add-clustergrouptoset,
https://learn.microsoft.com/en-us/powershell/module/failoverclusters/set-clustergroupset,
https://learn.microsoft.com/en-us/powershell/module/failoverclusters/add-clustergroupsetdependency
.PARAMETER Name
The name of the set.
.PARAMETER Machines
The names of its roles: those and no other.
.PARAMETER After
The names of the sets that have to be ready before.
.PARAMETER DelaySeconds
How long sets that come after it wait from its start.
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
    [Parameter(Mandatory = $true)] [string[]] $Machines,
    [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [string[]] $After,
    [Parameter(Mandatory = $true)] [uint32] $DelaySeconds
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$roles = @(Get-ClusterGroup | Where-Object { [string] $_.GroupType -eq 'VirtualMachine' } | ForEach-Object { [string] $_.Name })
$gone = @($Machines | Where-Object { $roles -notcontains $_ })
if ($gone.Count -gt 0) { Stop-Script -Id 'Quorate.MachineNotFound' -Category ObjectNotFound -Message "The cluster has no virtual machine $($gone[0])." -Target $gone[0] }
$sets = @(Get-ClusterGroupSet)
$known = @($sets | ForEach-Object { [string] $_.Name })
$gone = @($After | Where-Object { $known -notcontains $_ })
if ($gone.Count -gt 0) { Stop-Script -Id 'Quorate.StartSetNotFound' -Category ObjectNotFound -Message "The cluster has no set $($gone[0])." -Target $gone[0] }
$set = @($sets | Where-Object { [string] $_.Name -eq $Name })
if ($set.Count -eq 0) { $set = @(New-ClusterGroupSet -Name $Name) }
$groups = ConvertTo-TextList $set[0].GroupNames
foreach ($group in $groups) { if ($Machines -notcontains $group) { $null = Remove-ClusterGroupFromSet -Name $Name -Group $group } }
foreach ($machine in $Machines) { if ($groups -notcontains $machine) { $null = Add-ClusterGroupToSet -Name $Name -Group $machine } }
$providers = ConvertTo-TextList $set[0].ProviderNames
foreach ($provider in $providers) { if ($After -notcontains $provider) { $null = Remove-ClusterGroupSetDependency -Name $Name -Provider $provider } }
foreach ($provider in $After) { if ($providers -notcontains $provider) { $null = Add-ClusterGroupSetDependency -Name $Name -Provider $provider } }
if ([uint32] $set[0].StartupDelay -ne $DelaySeconds) { $null = Set-ClusterGroupSet -Name $Name -StartupDelay $DelaySeconds }
Send-Result $null
