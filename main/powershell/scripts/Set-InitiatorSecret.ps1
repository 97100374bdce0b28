<#
.SYNOPSIS
Sets the secret with which targets prove themselves, or removes it.
.DESCRIPTION
Setting: Set-IscsiChapSecret. Removing: the initiator's own method with an empty secret, because the cmdlet has no way to.
Pages: https://learn.microsoft.com/en-us/powershell/module/iscsi/set-iscsichapsecret, https://learn.microsoft.com/en-us/previous-versions/windows/desktop/iscsidisc/setiscsiinitiatorchapsharedsecret-msiscsiinitiator-methodclass
.PARAMETER Secret
12 to 16 bytes; without it the secret is removed.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [securestring] $Secret
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$service = Get-CimInstance -ClassName Win32_Service -Filter "Name='MSiSCSI'"
if ($null -eq $service -or [string] $service.State -ne 'Running') { Stop-Script -Id 'Quorate.InitiatorServiceStopped' -Message 'The service MSiSCSI does not run.' -Target 'MSiSCSI' }
if ($null -ne $Secret) { Set-IscsiChapSecret -ChapSecret (ConvertFrom-Secret $Secret) }
else {
    $initiator = Get-CimInstance -Namespace 'root\wmi' -ClassName MSiSCSIInitiator_MethodClass
    $answer = Invoke-CimMethod -InputObject $initiator -MethodName SetIScsiInitiatorCHAPSharedSecret -Arguments @{ SharedSecret = [byte[]] @() }
    # Below 65536 it is a Win32 code, else one of the initiator's.
    if ($answer.ReturnValue -ne 0 -and [uint32] $answer.ReturnValue -lt 65536) {
        throw [System.Management.Automation.ErrorRecord]::new([System.ComponentModel.Win32Exception]::new([int] $answer.ReturnValue), 'Quorate.SecretRefused', 'NotSpecified', 'MSiSCSI')
    }
    if ($answer.ReturnValue -ne 0) { Stop-Script -Id ('HRESULT 0x{0:x8}' -f [uint32] $answer.ReturnValue) -Message 'The secret was not removed.' }
}
Send-Result $null
