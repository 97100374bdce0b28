<#
.SYNOPSIS
Starts a virtual machine.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/hyper-v/start-vm
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

Start-VM -Name $Name
Send-Result $null
