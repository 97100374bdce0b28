<#
.SYNOPSIS
Shuts a virtual machine down, or takes its power away.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/hyper-v/stop-vm
.PARAMETER Name
The name of the virtual machine.
.PARAMETER TurnOff
True takes the power away.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Name,
    [bool] $TurnOff = $false
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

if ($TurnOff) { Stop-VM -Name $Name -TurnOff -Force -Confirm:$false }
else { Stop-VM -Name $Name -Force -Confirm:$false }
Send-Result $null
