<#
.SYNOPSIS
Moves a highly available virtual machine to another node.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/move-clustervirtualmachinerole
.PARAMETER Name
The name of the virtual machine.
.PARAMETER Node
The node.
.PARAMETER Kind
live or quick.
.OUTPUTS
ownerNode
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Name,
    [Parameter(Mandatory = $true)] [string] $Node,
    [Parameter(Mandatory = $true)] [string] $Kind
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$kinds = @{ live = 'Live'; quick = 'Quick' }
$moved = Move-ClusterVirtualMachineRole -Name $Name -Node $Node -MigrationType $kinds[$Kind] -Wait 1700
Send-Result ([ordered]@{ ownerNode = [string] $moved.OwnerNode.Name })
