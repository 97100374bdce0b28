<#
.SYNOPSIS
Reads all facts that readiness asks of a server, as management classes, in one result.
.DESCRIPTION
Reads the classes Win32_Processor, Win32_OperatingSystem, Win32_ComputerSystem, Win32_ComputerSystemProduct, Win32_BIOS,
Win32_PhysicalMemory, Win32_QuickFixEngineering and Win32_Service (vmms and W32Time) of root\CIMV2, MSFT_NetAdapter of
root\StandardCimv2, Win32_DeviceGuard of root\Microsoft\Windows\DeviceGuard and
Win32_Tpm of root\CIMV2\Security\MicrosoftTpm; then values of the registry: installation type, update revision, firmware type, Secure Boot,
the time service's type and servers, and what waits for a restart.
A class that cannot be read stands in "errors" with its error; the others are read all the same. Nothing is judged here.
Microsoft, CIM classes (WMI): the pages of each class; PEFirmwareType and UEFISecureBootEnabled: registry of the kernel.
.OUTPUTS
classes: class name to list of instances (property name to text, number, flag or list); errors: class name to text
.NOTES
Needs an elevated session: no, but the TPM is unknown without.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

function ConvertTo-FactValue {
    param([AllowNull()] $Value)
    if ($null -eq $Value) { return $null }
    if ($Value -is [array]) {
        $items = [System.Collections.Generic.List[object]]::new()
        foreach ($item in $Value) { $items.Add((ConvertTo-FactValue $item)) }
        return , $items.ToArray()
    }
    $base = $Value.PSObject.BaseObject
    if ($base -is [bool] -or $base -is [string]) { return $base }
    if ($base -is [datetime]) { return ConvertTo-IsoDate $base }
    if ($base -is [enum]) { return ConvertTo-Int64Text $base }
    if ($base -is [uint64] -or $base -is [int64]) { return ConvertTo-Int64Text $base }
    if ($base -is [byte] -or $base -is [sbyte] -or $base -is [int16] -or $base -is [uint16] -or $base -is [int32] -or $base -is [uint32]) {
        return ConvertTo-Number $base
    }
    return [string] $base
}

function Read-RegistryValue {
    param([string] $Path, [string] $Name)
    [Microsoft.Win32.Registry]::GetValue("HKEY_LOCAL_MACHINE\$Path", $Name, $null)
}

function Test-RegistryKey {
    param([string] $Path)
    $key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($Path)
    if ($null -eq $key) { return $false }
    $key.Dispose()
    return $true
}

function Read-PendingReboot {
    $reasons = [System.Collections.Generic.List[string]]::new()
    $current = 'SOFTWARE\Microsoft\Windows\CurrentVersion'
    if (Test-RegistryKey "$current\Component Based Servicing\RebootPending") { $reasons.Add('componentServicing') }
    if (Test-RegistryKey "$current\WindowsUpdate\Auto Update\RebootRequired") { $reasons.Add('windowsUpdate') }
    $control = 'SYSTEM\CurrentControlSet\Control'
    $renames = @(Read-RegistryValue "$control\Session Manager" 'PendingFileRenameOperations')
    if (@($renames | Where-Object { -not [string]::IsNullOrEmpty([string] $_) }).Count -gt 0) { $reasons.Add('fileRename') }
    $active = [string] (Read-RegistryValue "$control\ComputerName\ActiveComputerName" 'ComputerName')
    $next = [string] (Read-RegistryValue "$control\ComputerName\ComputerName" 'ComputerName')
    if ($active -ne $next) { $reasons.Add('computerRename') }
    # Windows keeps the sign of a join as a subkey or as a value of Netlogon, under one of two names.
    $netlogon = 'SYSTEM\CurrentControlSet\Services\Netlogon'
    $joins = @('JoinDomain', 'AvoidSpnSet' | Where-Object { (Test-RegistryKey "$netlogon\$_") -or $null -ne (Read-RegistryValue $netlogon $_) })
    if ($joins.Count -gt 0) { $reasons.Add('domainJoin') }
    return , $reasons.ToArray()
}

$wanted = @(
    @{ class = 'Win32_Processor'; properties = @('DeviceID', 'Name', 'Caption', 'Manufacturer', 'Level', 'Revision', 'Architecture', 'AddressWidth', 'DataWidth', 'NumberOfCores', 'NumberOfLogicalProcessors', 'VMMonitorModeExtensions', 'SecondLevelAddressTranslationExtensions', 'VirtualizationFirmwareEnabled', 'SystemName') }
    @{ class = 'Win32_OperatingSystem'; properties = @('Caption', 'Version', 'BuildNumber', 'OperatingSystemSKU', 'ProductType', 'OSArchitecture', 'ServicePackMajorVersion', 'Locale', 'CSName', 'SystemDrive', 'TotalVisibleMemorySize', 'DataExecutionPrevention_Available', 'DataExecutionPrevention_SupportPolicy') }
    @{ class = 'Win32_ComputerSystem'; properties = @('Name', 'DNSHostName', 'Manufacturer', 'Model', 'HypervisorPresent', 'TotalPhysicalMemory', 'PartOfDomain', 'Domain', 'DomainRole', 'Workgroup') }
    @{ class = 'Win32_ComputerSystemProduct'; properties = @('UUID', 'IdentifyingNumber') }
    @{ class = 'Win32_BIOS'; properties = @('Manufacturer', 'SMBIOSBIOSVersion', 'Version', 'ReleaseDate', 'SerialNumber') }
    @{ class = 'Win32_PhysicalMemory'; properties = @('Tag', 'Capacity', 'MemoryType') }
    @{ class = 'Win32_QuickFixEngineering'; properties = @('HotFixID') }
    @{ class = 'Win32_Service'; filter = "Name = 'vmms' OR Name = 'W32Time'"; properties = @('Name', 'State', 'Started', 'StartMode') }
    @{ class = 'MSFT_NetAdapter'; namespace = 'root/StandardCimv2'; properties = @('Name', 'InterfaceDescription', 'InterfaceGuid', 'PermanentAddress', 'PnPDeviceID', 'Virtual', 'Hidden', 'HardwareInterface', 'ConnectorPresent', 'InterfaceType', 'NdisPhysicalMedium', 'MediaConnectState', 'Speed', 'SystemName') }
    @{ class = 'Win32_DeviceGuard'; namespace = 'root/Microsoft/Windows/DeviceGuard'; properties = @('VirtualizationBasedSecurityStatus', 'SecurityServicesRunning', 'SecurityServicesConfigured') }
    @{ class = 'Win32_Tpm'; namespace = 'root/CIMV2/Security/MicrosoftTpm'; properties = @('SpecVersion', 'IsEnabled_InitialValue', 'IsActivated_InitialValue') }
)

$classes = [ordered]@{}
$errors = [ordered]@{}
$done = 0
foreach ($one in $wanted) {
    Write-Progress -Activity 'Reading the facts of this server' -Status $one['class'] -PercentComplete ([int] (100 * $done / ($wanted.Count + 1)))
    $part = Read-Part -AsList {
        $query = @{ ClassName = $one['class']; OperationTimeoutSec = 30 }
        if ($one.ContainsKey('namespace')) { $query['Namespace'] = $one['namespace'] }
        if ($one.ContainsKey('filter')) { $query['Filter'] = $one['filter'] }
        foreach ($instance in @(Get-CimInstance @query)) {
            $projected = [ordered]@{}
            foreach ($property in $one['properties']) {
                # A property that this Windows does not have is left out: absent and empty are two things.
                if (Test-PropertyName $instance $property) { $projected[$property] = ConvertTo-FactValue (Get-CimRawValue $instance $property) }
            }
            $projected
        }
    }
    if ($part['ok']) { $classes[$one['class']] = @($part['data']) } else { $errors[$one['class']] = [string] $part['error']['message'] }
    $done = $done + 1
}

Write-Progress -Activity 'Reading the facts of this server' -Status 'Registry' -PercentComplete ([int] (100 * $done / ($wanted.Count + 1)))
$registry = Read-Part {
    $values = [ordered]@{}
    $values['InstallationType'] = ConvertTo-FactValue (Read-RegistryValue 'SOFTWARE\Microsoft\Windows NT\CurrentVersion' 'InstallationType')
    $values['UpdateRevision'] = ConvertTo-FactValue (Read-RegistryValue 'SOFTWARE\Microsoft\Windows NT\CurrentVersion' 'UBR')
    $values['FirmwareType'] = ConvertTo-FactValue (Read-RegistryValue 'SYSTEM\CurrentControlSet\Control' 'PEFirmwareType')
    $secureBoot = Read-RegistryValue 'SYSTEM\CurrentControlSet\Control\SecureBoot\State' 'UEFISecureBootEnabled'
    $values['SecureBoot'] = if ($null -eq $secureBoot) { $null } else { [int] $secureBoot -eq 1 }
    $values['W32TimeType'] = ConvertTo-FactValue (Read-RegistryValue 'SYSTEM\CurrentControlSet\Services\W32Time\Parameters' 'Type')
    $values['W32TimeServer'] = ConvertTo-FactValue (Read-RegistryValue 'SYSTEM\CurrentControlSet\Services\W32Time\Parameters' 'NtpServer')
    $values['PendingReboot'] = Read-PendingReboot
    $values
}
if ($registry['ok']) { $classes['Registry'] = @($registry['data']) } else { $errors['Registry'] = [string] $registry['error']['message'] }

Send-Result ([ordered]@{ classes = $classes; errors = $errors })
