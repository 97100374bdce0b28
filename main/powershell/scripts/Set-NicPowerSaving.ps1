<#
.SYNOPSIS
Says whether Windows may turn the device off to save power.
.DESCRIPTION
Reads the adapter's power settings, sets AllowComputerToTurnOffDevice in them and writes them back.
Pages: https://learn.microsoft.com/en-us/powershell/module/netadapter/get-netadapterpowermanagement, https://learn.microsoft.com/en-us/powershell/module/netadapter/set-netadapterpowermanagement,
https://learn.microsoft.com/en-us/windows/win32/fwp/wmi/netadaptercimprov/msft-netadapterpowermanagementsettingdata
.PARAMETER Nic
The adapter's InterfaceGuid.
.PARAMETER Allowed
True: it may.
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
    [Parameter(Mandatory = $true)] [bool] $Allowed
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$adapter = Get-NetAdapter -IncludeHidden | Where-Object { $_.InterfaceGuid -eq $Nic }
if ($null -eq $adapter) { Stop-Script -Id 'Quorate.NicNotFound' -Category ObjectNotFound -Message "No network adapter has the InterfaceGuid $Nic." -Target $Nic }
$setting = Get-NetAdapterPowerManagement | Where-Object { $_.Name -eq $adapter.Name }
$names = @{ 0 = 'Unsupported'; 1 = 'Disabled'; 2 = 'Enabled' }
if ((ConvertTo-EnumName (Get-PropertyValue $setting 'AllowComputerToTurnOffDevice') $names) -notin 'Disabled', 'Enabled') {
    Stop-Script -Id 'Quorate.NicPowerUnsupported' -Category NotImplemented -Message 'The driver has no such setting.' -Target $Nic
}
if ($Allowed) { $setting.AllowComputerToTurnOffDevice = 'Enabled' } else { $setting.AllowComputerToTurnOffDevice = 'Disabled' }
Set-NetAdapterPowerManagement -InputObject $setting -Confirm:$false
Send-Result $null
