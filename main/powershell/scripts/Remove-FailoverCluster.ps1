<#
.SYNOPSIS
Destroys the cluster of this server and removes its object from Active Directory.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/remove-cluster
.PARAMETER Name
The name of the cluster, which has to be that of this server.
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

$here = Get-Cluster
if ([string] $here.Name -ne $Name) { Stop-Script -Id 'Quorate.ClusterOtherName' -Category InvalidData -Message "This server is a node of $($here.Name)." -Target ([string] $here.Name) }
Remove-Cluster -InputObject $here -Force -CleanupAD -Confirm:$false
Send-Result $null
