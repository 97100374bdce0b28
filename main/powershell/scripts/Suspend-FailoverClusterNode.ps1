<#
.SYNOPSIS
Pauses a node and waits until its roles have moved away.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/suspend-clusternode
.PARAMETER Node
The name of the node.
.OUTPUTS
drainStatus
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Node
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$paused = Suspend-ClusterNode -Name $Node -Drain -Wait -Confirm:$false
Send-Result ([ordered]@{ drainStatus = ConvertTo-EnumName (Get-PropertyValue $paused 'DrainStatus') })
