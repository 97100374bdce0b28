<#
.SYNOPSIS
Reads what a server is: name, membership, Windows, hardware, time.
.DESCRIPTION
Win32_ComputerSystem and Win32_OperatingSystem must be readable; every other part is told as unread when it is not.
What a restart puts in force, the installation type, and whether this session may change the machine come from StdRegProv.
Pages: https://learn.microsoft.com/en-us/windows/win32/cimwin32prov/win32-computersystem,
https://learn.microsoft.com/en-us/windows/win32/cimwin32prov/win32-operatingsystem,
https://learn.microsoft.com/en-us/previous-versions/windows/desktop/regprov/stdregprov
.OUTPUTS
name, dnsHostName, partOfDomain, domain, workgroup, domainRole (number), manufacturer, model, hypervisorPresent, caption, version, buildNumber,
sku, languageId, lastBootAt, localTime; parts product {uuid}, bios {serialNumber}, installation, nextName,
domainJoinWaits, nextDomain (the primary DNS domain that a restart puts in force), isAdministrator
.NOTES
Needs an elevated session: no.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$localMachine = [uint32] 2147483650
$computer = Get-CimInstance -ClassName Win32_ComputerSystem
$system = Get-CimInstance -ClassName Win32_OperatingSystem

$product = Read-Part {
    $read = Get-CimInstance -ClassName Win32_ComputerSystemProduct
    [ordered]@{ uuid = [string] $read.UUID }
}
$bios = Read-Part {
    $read = Get-CimInstance -ClassName Win32_BIOS
    [ordered]@{ serialNumber = [string] $read.SerialNumber }
}
$installation = Read-Part {
    $answer = Invoke-CimMethod -ClassName StdRegProv -Namespace 'root\default' -MethodName GetStringValue -Arguments @{
        hDefKey = $localMachine; sSubKeyName = 'SOFTWARE\Microsoft\Windows NT\CurrentVersion'; sValueName = 'InstallationType'
    }
    if ($answer.ReturnValue -ne 0) { Stop-Script -Id 'Quorate.RegistryValueUnread' -Message "InstallationType is not in the registry ($($answer.ReturnValue))." }
    [string] $answer.sValue
}
$nextName = Read-Part {
    $answer = Invoke-CimMethod -ClassName StdRegProv -Namespace 'root\default' -MethodName GetStringValue -Arguments @{
        hDefKey = $localMachine; sSubKeyName = 'SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName'; sValueName = 'ComputerName'
    }
    if ($answer.ReturnValue -ne 0) { Stop-Script -Id 'Quorate.RegistryValueUnread' -Message "ComputerName is not in the registry ($($answer.ReturnValue))." }
    [string] $answer.sValue
}
$domainJoinWaits = Read-Part {
    $answer = Invoke-CimMethod -ClassName StdRegProv -Namespace 'root\default' -MethodName EnumKey -Arguments @{
        hDefKey = $localMachine; sSubKeyName = 'SYSTEM\CurrentControlSet\Services\Netlogon'
    }
    if ($answer.ReturnValue -ne 0) { Stop-Script -Id 'Quorate.RegistryKeyUnread' -Message "The key Netlogon cannot be read ($($answer.ReturnValue))." }
    # Windows keeps the sign as a subkey or as a value.
    $values = Invoke-CimMethod -ClassName StdRegProv -Namespace 'root\default' -MethodName EnumValues -Arguments @{
        hDefKey = $localMachine; sSubKeyName = 'SYSTEM\CurrentControlSet\Services\Netlogon'
    }
    if ($values.ReturnValue -ne 0) { Stop-Script -Id 'Quorate.RegistryKeyUnread' -Message "The values of Netlogon cannot be read ($($values.ReturnValue))." }
    $names = (ConvertTo-TextList $answer.sNames) + (ConvertTo-TextList $values.sNames)
    ($names -contains 'JoinDomain') -or ($names -contains 'AvoidSpnSet')
}
$nextDomain = Read-Part {
    $answer = Invoke-CimMethod -ClassName StdRegProv -Namespace 'root\default' -MethodName GetStringValue -Arguments @{
        hDefKey = $localMachine; sSubKeyName = 'SYSTEM\CurrentControlSet\Services\Tcpip\Parameters'; sValueName = 'NV Domain'
    }
    if ($answer.ReturnValue -ne 0) { Stop-Script -Id 'Quorate.RegistryValueUnread' -Message "NV Domain is not in the registry ($($answer.ReturnValue))." }
    [string] $answer.sValue
}
# KEY_SET_VALUE on a key that administrators alone may change, with the rights that this session really has.
$isAdministrator = Read-Part {
    $answer = Invoke-CimMethod -ClassName StdRegProv -Namespace 'root\default' -MethodName CheckAccess -Arguments @{
        hDefKey = $localMachine; sSubKeyName = 'SOFTWARE\Microsoft\Windows NT\CurrentVersion'; uRequired = [uint32] 2
    }
    [bool] $answer.bGranted
}

Send-Result ([ordered]@{
    name = [string] $computer.Name
    dnsHostName = [string] $computer.DNSHostName
    partOfDomain = [bool] $computer.PartOfDomain
    domain = [string] $computer.Domain
    workgroup = [string] $computer.Workgroup
    domainRole = ConvertTo-Number $computer.DomainRole
    manufacturer = [string] $computer.Manufacturer
    model = [string] $computer.Model
    hypervisorPresent = Get-PropertyValue $computer 'HypervisorPresent'
    caption = [string] $system.Caption
    version = [string] $system.Version
    buildNumber = ConvertTo-Number $system.BuildNumber
    sku = ConvertTo-Number $system.OperatingSystemSKU
    languageId = ConvertTo-Number $system.OSLanguage
    lastBootAt = ConvertTo-IsoDate $system.LastBootUpTime
    localTime = ConvertTo-IsoDate $system.LocalDateTime
    product = $product
    bios = $bios
    installation = $installation
    nextName = $nextName
    domainJoinWaits = $domainJoinWaits
    nextDomain = $nextDomain
    isAdministrator = $isAdministrator
})
