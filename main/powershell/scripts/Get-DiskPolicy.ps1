<#
.SYNOPSIS
Reads what Windows does with disks and volumes that appear for the first time.
.DESCRIPTION
The SAN policy from the storage settings; automount from the mount manager's NoAutoMount, which mountvol and diskpart set.
Pages: https://learn.microsoft.com/en-us/powershell/module/storage/get-storagesetting, https://learn.microsoft.com/en-us/windows-server/administration/windows-commands/mountvol
.OUTPUTS
parts sanPolicy, automount
.NOTES
Needs an elevated session: no.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$sanPolicy = Read-Part {
    $setting = Get-StorageSetting
    ConvertTo-EnumName (Get-CimRawValue $setting 'NewDiskPolicy') @{ 0 = 'Unknown'; 1 = 'OnlineAll'; 2 = 'OfflineShared'; 3 = 'OfflineAll'; 4 = 'OfflineInternal' }
}
$automount = Read-Part {
    $key = 'SYSTEM\CurrentControlSet\Services\mountmgr'
    $names = Invoke-CimMethod -ClassName StdRegProv -Namespace 'root\default' -MethodName EnumValues -Arguments @{ hDefKey = [uint32] 2147483650; sSubKeyName = $key }
    if ($names.ReturnValue -ne 0) { Stop-Script -Id 'Quorate.RegistryKeyUnread' -Message "The key $key cannot be read ($($names.ReturnValue))." }
    if ((ConvertTo-TextList $names.sNames) -notcontains 'NoAutoMount') { $true }
    else {
        $answer = Invoke-CimMethod -ClassName StdRegProv -Namespace 'root\default' -MethodName GetDWORDValue -Arguments @{ hDefKey = [uint32] 2147483650; sSubKeyName = $key; sValueName = 'NoAutoMount' }
        if ($answer.ReturnValue -ne 0) { Stop-Script -Id 'Quorate.RegistryValueUnread' -Message "NoAutoMount cannot be read ($($answer.ReturnValue))." }
        [uint32] $answer.uValue -eq 0
    }
}
Send-Result ([ordered]@{ sanPolicy = $sanPolicy; automount = $automount })
