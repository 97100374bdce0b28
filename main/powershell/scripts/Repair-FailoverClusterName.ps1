<#
.SYNOPSIS
Gives the account of the cluster's name the password that the cluster keeps, and brings the name online.
.DESCRIPTION
It works with the account of the caller, which needs "Reset password" on the computer object.
Pages: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/repair-clusternameaccount?view=windowsserver2025-ps,
https://techcommunity.microsoft.com/t5/failover-clustering/understanding-the-repair-active-directory-object-recovery-action/ba-p/371891
.PARAMETER Name
The name of the cluster.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2025
#quorate changes: something
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Name
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$core = @(Get-ClusterGroup | Where-Object { (ConvertTo-EnumName $_.GroupType) -eq 'Cluster' } | ForEach-Object { [string] $_.Name })
$names = @(Get-ClusterResource | Where-Object { 'Network Name', 'Distributed Network Name' -contains [string] $_.ResourceType.Name -and $core -contains [string] $_.OwnerGroup.Name })
if ($names.Count -eq 0) { Stop-Script -Id 'Quorate.ClusterNameNotFound' -Category ObjectNotFound -Message "The cluster $Name has no resource of its name." -Target $Name }
try { $null = Repair-ClusterNameAccount }
catch {
    # Windows Server before 2025 has no such command.
    if ($_.FullyQualifiedErrorId -notlike 'CommandNotFoundException*') { throw }
    Stop-Script -Id 'Quorate.ClusterNameRepairByHand' -Category NotImplemented -Message 'This Windows has no Repair-ClusterNameAccount.' -Target $Name
}
$now = @(Get-ClusterResource -Name ([string] $names[0].Name))
if ((ConvertTo-EnumName $now[0].State) -ne 'Online') { $null = Start-ClusterResource -Name ([string] $names[0].Name) }
Send-Result $null
