<#
.SYNOPSIS
Makes a virtual machine highly available; a warning is a failure.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/add-clustervirtualmachinerole
.PARAMETER Name
The name of the virtual machine.
.OUTPUTS
group
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

$group = Add-ClusterVirtualMachineRole -VMName $Name -WarningVariable warned -WarningAction SilentlyContinue
if (@($warned).Count -gt 0) { Stop-Script -Id 'Quorate.MachineRoleWarned' -Category InvalidResult -Message "The cluster warned: $(@($warned)[0])" -Target 'the report of the cluster names what' }
Send-Result ([ordered]@{ group = [string] $group.Name })
