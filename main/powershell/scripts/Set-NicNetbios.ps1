<#
.SYNOPSIS
Sets NetBIOS over TCP/IP of an adapter.
.DESCRIPTION
SetTcpipNetbios of Win32_NetworkAdapterConfiguration. It refuses an adapter whose IP stack is not in use (84: no link, disabled); for such a one the value
that the method keeps is written to NetBT's parameters and holds from the next start of the adapter on.
Pages: https://learn.microsoft.com/en-us/windows/win32/cimwin32prov/settcpipnetbios-method-in-class-win32-networkadapterconfiguration,
https://learn.microsoft.com/en-us/previous-versions/windows/desktop/regprov/stdregprov
.PARAMETER Nic
The adapter's InterfaceGuid.
.PARAMETER Setting
Default (what DHCP says), Enabled or Disabled.
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
    [Parameter(Mandatory = $true)] [ValidateSet('Default', 'Enabled', 'Disabled')] [string] $Setting
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$adapter = Get-NetAdapter -IncludeHidden | Where-Object { $_.InterfaceGuid -eq $Nic }
if ($null -eq $adapter) { Stop-Script -Id 'Quorate.NicNotFound' -Category ObjectNotFound -Message "No network adapter has the InterfaceGuid $Nic." -Target $Nic }
$option = [uint32] @{ Default = 0; Enabled = 1; Disabled = 2 }[$Setting]
$configuration = Get-CimInstance -ClassName Win32_NetworkAdapterConfiguration | Where-Object { $_.SettingID -eq $adapter.InterfaceGuid }
if ($null -eq $configuration) { Stop-Script -Id 'Quorate.NicNotFound' -Category ObjectNotFound -Message "No IP configuration has the SettingID $Nic." -Target $Nic }
$answer = Invoke-CimMethod -InputObject $configuration -MethodName SetTcpipNetbios -Arguments @{ TcpipNetbiosOptions = $option }
if ($answer.ReturnValue -eq 84) {
    $answer = Invoke-CimMethod -ClassName StdRegProv -Namespace 'root\default' -MethodName SetDWORDValue -Arguments @{
        hDefKey = [uint32] 2147483650; sValueName = 'NetbiosOptions'; uValue = $option
        sSubKeyName = "SYSTEM\CurrentControlSet\Services\NetBT\Parameters\Interfaces\Tcpip_$($adapter.InterfaceGuid)"
    }
    if ($answer.ReturnValue -ne 0) {
        throw [System.Management.Automation.ErrorRecord]::new([System.ComponentModel.Win32Exception]::new([int] $answer.ReturnValue), 'Quorate.RegistryRefused', 'WriteError', $Nic)
    }
}
# 91: access denied.
elseif ($answer.ReturnValue -eq 91) {
    throw [System.Management.Automation.ErrorRecord]::new([System.ComponentModel.Win32Exception]::new(5), 'Quorate.NetbiosDenied', 'PermissionDenied', $Nic)
}
# 1: done, a restart is needed for it to hold.
elseif ($answer.ReturnValue -ne 0 -and $answer.ReturnValue -ne 1) {
    Stop-Script -Id 'Quorate.NetbiosRefused' -Message "SetTcpipNetbios returned $($answer.ReturnValue)." -Target ([string] $answer.ReturnValue)
}
Send-Result $null
