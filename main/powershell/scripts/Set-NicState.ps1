<#
.SYNOPSIS
Enables or disables an adapter.
.DESCRIPTION
Pages: https://learn.microsoft.com/en-us/powershell/module/netadapter/enable-netadapter, https://learn.microsoft.com/en-us/powershell/module/netadapter/disable-netadapter
.PARAMETER Nic
The adapter's InterfaceGuid.
.PARAMETER Enabled
True enables it.
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
    [Parameter(Mandatory = $true)] [bool] $Enabled
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$adapter = Get-NetAdapter -IncludeHidden | Where-Object { $_.InterfaceGuid -eq $Nic }
if ($null -eq $adapter) { Stop-Script -Id 'Quorate.NicNotFound' -Category ObjectNotFound -Message "No network adapter has the InterfaceGuid $Nic." -Target $Nic }
if ($Enabled) { Enable-NetAdapter -InputObject $adapter -Confirm:$false }
else { Disable-NetAdapter -InputObject $adapter -Confirm:$false }
Send-Result $null
