<#
.SYNOPSIS
Binds a component to an adapter or unbinds it.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/netadapter/set-netadapterbinding
.PARAMETER Nic
The adapter's InterfaceGuid.
.PARAMETER ComponentId
The component, such as ms_server.
.PARAMETER Enabled
True binds it.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Nic,
    [Parameter(Mandatory = $true)] [string] $ComponentId,
    [Parameter(Mandatory = $true)] [bool] $Enabled
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$adapter = Get-NetAdapter -IncludeHidden | Where-Object { $_.InterfaceGuid -eq $Nic }
if ($null -eq $adapter) { Stop-Script -Id 'Quorate.NicNotFound' -Category ObjectNotFound -Message "No network adapter has the InterfaceGuid $Nic." -Target $Nic }
$binding = Get-NetAdapterBinding | Where-Object { $_.Name -eq $adapter.Name -and $_.ComponentID -eq $ComponentId }
if ($null -eq $binding) { Stop-Script -Id 'Quorate.NicBindingNotFound' -Category ObjectNotFound -Message "The component $ComponentId is not installed for this adapter." -Target $ComponentId }
Set-NetAdapterBinding -InputObject $binding -Enabled $Enabled -Confirm:$false
Send-Result $null
