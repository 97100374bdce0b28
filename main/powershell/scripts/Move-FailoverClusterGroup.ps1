<#
.SYNOPSIS
Moves a group to another node and waits for it.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/move-clustergroup
.PARAMETER Group
The name of the group.
.PARAMETER Node
The name of the node.
.OUTPUTS
ownerNode
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Group,
    [Parameter(Mandatory = $true)] [string] $Node
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$moved = Move-ClusterGroup -Name $Group -Node $Node -Wait 300
Send-Result ([ordered]@{ ownerNode = [string] $moved.OwnerNode.Name })
