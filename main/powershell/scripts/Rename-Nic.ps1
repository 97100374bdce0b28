<#
.SYNOPSIS
Gives an adapter a new name.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/netadapter/rename-netadapter
.PARAMETER Nic
The adapter's InterfaceGuid.
.PARAMETER NewName
The new name.
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
    [Parameter(Mandatory = $true)] [string] $NewName
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$adapter = Get-NetAdapter -IncludeHidden | Where-Object { $_.InterfaceGuid -eq $Nic }
if ($null -eq $adapter) { Stop-Script -Id 'Quorate.NicNotFound' -Category ObjectNotFound -Message "No network adapter has the InterfaceGuid $Nic." -Target $Nic }
Rename-NetAdapter -InputObject $adapter -NewName $NewName -Confirm:$false
Send-Result $null
