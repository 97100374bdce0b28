<#
.SYNOPSIS
Reads where the server takes its time from.
.DESCRIPTION
The service W32Time from Win32_Service; Type and NtpServer from the registry, where a group policy's values come before the local ones; the kinds of
its triggers (SERVICE_TRIGGER_TYPE_DOMAIN_JOIN 3) from the registry, where the service control manager keeps them.
Pages: https://learn.microsoft.com/en-us/windows-server/networking/windows-time-service/windows-time-service-tools-and-settings,
https://learn.microsoft.com/en-us/windows/win32/cimwin32prov/win32-service,
https://learn.microsoft.com/en-us/windows/win32/api/winsvc/ns-winsvc-service_trigger
.OUTPUTS
service {state, startMode} or null; part parameters {type, servers}; part triggerTypes (list of numbers)
.NOTES
Needs an elevated session: no.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$service = Get-CimInstance -ClassName Win32_Service -Filter "Name='W32Time'"
$projected = $null
if ($null -ne $service) { $projected = [ordered]@{ state = [string] $service.State; startMode = [string] $service.StartMode } }

$parameters = Read-Part {
    $values = @{}
    $keys = 'SOFTWARE\Policies\Microsoft\W32Time\Parameters', 'SYSTEM\CurrentControlSet\Services\W32Time\Parameters'
    foreach ($name in 'Type', 'NtpServer') {
        foreach ($key in $keys) {
            if ($values.ContainsKey($name)) { continue }
            $answer = Invoke-CimMethod -ClassName StdRegProv -Namespace 'root\default' -MethodName GetStringValue -Arguments @{
                hDefKey = [uint32] 2147483650; sSubKeyName = $key; sValueName = $name
            }
            if ($answer.ReturnValue -eq 0 -and $null -ne $answer.sValue) { $values[$name] = [string] $answer.sValue }
            elseif ($answer.ReturnValue -eq 5) { Stop-Script -Id 'Quorate.RegistryValueUnread' -Category PermissionDenied -Message "The registry value $name cannot be read." }
        }
    }
    # "ntp.example.org,0x8 10.0.0.1,0x8": the flags after the comma say how a server is asked.
    $servers = @(foreach ($entry in ([string] $values['NtpServer']).Split(' ')) { if ($entry) { $entry.Split(',')[0] } })
    [ordered]@{ type = $values['Type']; servers = ConvertTo-TextList $servers }
}
$triggerTypes = Read-Part -AsList {
    $key = 'SYSTEM\CurrentControlSet\Services\W32Time\TriggerInfo'
    $listed = Invoke-CimMethod -ClassName StdRegProv -Namespace 'root\default' -MethodName EnumKey -Arguments @{ hDefKey = [uint32] 2147483650; sSubKeyName = $key }
    # 2: a service without triggers has no such key.
    if ($listed.ReturnValue -ne 0 -and $listed.ReturnValue -ne 2) { Stop-Script -Id 'Quorate.RegistryKeyUnread' -Message "The key TriggerInfo cannot be read ($($listed.ReturnValue))." }
    $names = @()
    if ($listed.ReturnValue -eq 0) { $names = ConvertTo-TextList $listed.sNames }
    foreach ($name in $names) {
        $answer = Invoke-CimMethod -ClassName StdRegProv -Namespace 'root\default' -MethodName GetDWORDValue -Arguments @{
            hDefKey = [uint32] 2147483650; sSubKeyName = "$key\$name"; sValueName = 'Type'
        }
        if ($answer.ReturnValue -ne 0) { Stop-Script -Id 'Quorate.RegistryValueUnread' -Message "The trigger $name cannot be read ($($answer.ReturnValue))." }
        ConvertTo-Number $answer.uValue
    }
}
Send-Result ([ordered]@{ service = $projected; parameters = $parameters; triggerTypes = $triggerTypes })
