<#
.SYNOPSIS
Makes the service wait at its start for every volume that is on an iSCSI disk now.
.DESCRIPTION
Replaces the earlier list. The method is what iscsicli BindPersistentVolumes calls.
Pages: https://learn.microsoft.com/en-us/previous-versions/windows/desktop/iscsidisc/setuppersistentiscsivolumes-msiscsiinitiator-methodclass,
https://learn.microsoft.com/en-us/windows/win32/api/iscsidsc/nf-iscsidsc-setuppersistentiscsidevices
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$service = Get-CimInstance -ClassName Win32_Service -Filter "Name='MSiSCSI'"
if ($null -eq $service -or [string] $service.State -ne 'Running') { Stop-Script -Id 'Quorate.InitiatorServiceStopped' -Message 'The service MSiSCSI does not run.' -Target 'MSiSCSI' }
$initiator = Get-CimInstance -Namespace 'root\wmi' -ClassName MSiSCSIInitiator_MethodClass
$answer = Invoke-CimMethod -InputObject $initiator -MethodName SetupPersistentIScsiVolumes
# Below 65536 it is a Win32 code, else one of the initiator's.
if ($answer.ReturnValue -ne 0 -and [uint32] $answer.ReturnValue -lt 65536) {
    throw [System.Management.Automation.ErrorRecord]::new([System.ComponentModel.Win32Exception]::new([int] $answer.ReturnValue), 'Quorate.BindRefused', 'NotSpecified', 'MSiSCSI')
}
if ($answer.ReturnValue -ne 0) { Stop-Script -Id ('HRESULT 0x{0:x8}' -f [uint32] $answer.ReturnValue) -Message "SetupPersistentIScsiVolumes returned $($answer.ReturnValue)." }
Send-Result $null
