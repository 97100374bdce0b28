<#
.SYNOPSIS
Removes a virtual machine; its disk files stay.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/hyper-v/remove-vm
.PARAMETER Name
The name of the virtual machine.
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

Remove-VM -Name $Name -Force -Confirm:$false
Send-Result $null
