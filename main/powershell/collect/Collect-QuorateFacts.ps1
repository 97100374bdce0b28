# Collects the facts of this server for Quorate: which processor, firmware, system, network ports and updates it has.
# It only reads. It runs on PowerShell 2.0 and newer, needs nothing else, and writes one file beside itself:
#   facts-<name>.json
# Bring that file to a machine with Quorate:   quorate readiness --facts facts-<name>.json
#
# powershell -NoProfile -ExecutionPolicy Bypass -File Collect-QuorateFacts.ps1 [-OutFile PATH]
#
# Syntax and commands of PowerShell 2.0, ASCII only: no ConvertTo-Json, no Get-CimInstance where WMI is there, no [ordered].
param([string] $OutFile = '')

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$script:invariant = [System.Globalization.CultureInfo]::InvariantCulture

# ---- JSON -------------------------------------------------------------------------------------------------------

function Write-JsonText($builder, [string] $text) {
    [void] $builder.Append('"')
    foreach ($character in $text.ToCharArray()) {
        $code = [int] $character
        if ($code -eq 34) { [void] $builder.Append('\"') }
        elseif ($code -eq 92) { [void] $builder.Append('\\') }
        elseif ($code -lt 32 -or $code -gt 126) { [void] $builder.Append('\u' + $code.ToString('x4', $script:invariant)) }
        else { [void] $builder.Append($character) }
    }
    [void] $builder.Append('"')
}

function Write-Json($builder, $value) {
    if ($null -eq $value) { [void] $builder.Append('null'); return }
    $base = $value
    if ($value -is [System.Management.Automation.PSObject]) { $base = $value.PSObject.BaseObject }
    if ($base -is [bool]) { [void] $builder.Append($(if ($base) { 'true' } else { 'false' })); return }
    if ($base -is [string] -or $base -is [char]) { Write-JsonText $builder ([string] $base); return }
    if ($base -is [System.Collections.IDictionary]) {
        [void] $builder.Append('{')
        $isFirst = $true
        foreach ($key in @($base.Keys | Sort-Object)) {
            if (-not $isFirst) { [void] $builder.Append(',') }
            $isFirst = $false
            Write-JsonText $builder ([string] $key)
            [void] $builder.Append(':')
            Write-Json $builder $base[$key]
        }
        [void] $builder.Append('}')
        return
    }
    if ($base -is [System.Collections.IEnumerable]) {
        [void] $builder.Append('[')
        $isFirst = $true
        foreach ($item in $base) {
            if (-not $isFirst) { [void] $builder.Append(',') }
            $isFirst = $false
            Write-Json $builder $item
        }
        [void] $builder.Append(']')
        return
    }
    if ($base -is [byte] -or $base -is [sbyte] -or $base -is [int16] -or $base -is [uint16] -or $base -is [int32] -or $base -is [uint32]) {
        [void] $builder.Append(([int64] $base).ToString($script:invariant))
        return
    }
    if ($base -is [datetime]) { Write-JsonText $builder ($base.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ss.fffZ', $script:invariant)); return }
    # 64-bit numbers go as text: JSON readers lose digits of them.
    if ($base -is [int64] -or $base -is [uint64]) { Write-JsonText $builder $base.ToString($script:invariant); return }
    Write-JsonText $builder ([string] $base)
}

# ---- Reading ----------------------------------------------------------------------------------------------------

function Read-Instances([string] $class, [string] $namespace, [string] $filter) {
    # Get-WmiObject is in PowerShell 2.0 to 5.1, Get-CimInstance in 3.0 and newer.
    if (Get-Command -Name Get-WmiObject -ErrorAction SilentlyContinue) {
        if ($filter) { return @(Get-WmiObject -Class $class -Namespace $namespace -Filter $filter -ErrorAction Stop) }
        return @(Get-WmiObject -Class $class -Namespace $namespace -ErrorAction Stop)
    }
    if ($filter) { return @(Get-CimInstance -ClassName $class -Namespace $namespace -Filter $filter -ErrorAction Stop) }
    return @(Get-CimInstance -ClassName $class -Namespace $namespace -ErrorAction Stop)
}

function Read-Class([string] $class, [string] $namespace, [string] $filter, [string[]] $properties) {
    $list = New-Object System.Collections.ArrayList
    foreach ($instance in @(Read-Instances $class $namespace $filter)) {
        if ($null -eq $instance) { continue }
        $projected = @{}
        foreach ($property in $properties) {
            # A property that this Windows does not have is left out: absent and empty are two things.
            $member = $instance.PSObject.Properties[$property]
            if ($null -ne $member) { $projected[$property] = $member.Value }
        }
        [void] $list.Add($projected)
    }
    return , $list
}

function Read-RegistryValue([string] $path, [string] $name) {
    return [Microsoft.Win32.Registry]::GetValue("HKEY_LOCAL_MACHINE\$path", $name, $null)
}

function Test-RegistryKey([string] $path) {
    $key = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($path)
    if ($null -eq $key) { return $false }
    $key.Close()
    return $true
}

function Read-PendingReboot {
    $reasons = New-Object System.Collections.ArrayList
    $current = 'SOFTWARE\Microsoft\Windows\CurrentVersion'
    if (Test-RegistryKey "$current\Component Based Servicing\RebootPending") { [void] $reasons.Add('componentServicing') }
    if (Test-RegistryKey "$current\WindowsUpdate\Auto Update\RebootRequired") { [void] $reasons.Add('windowsUpdate') }
    $control = 'SYSTEM\CurrentControlSet\Control'
    $renames = Read-RegistryValue "$control\Session Manager" 'PendingFileRenameOperations'
    if ($null -ne $renames -and @(@($renames) | Where-Object { $_ }).Count -gt 0) { [void] $reasons.Add('fileRename') }
    $active = [string] (Read-RegistryValue "$control\ComputerName\ActiveComputerName" 'ComputerName')
    $next = [string] (Read-RegistryValue "$control\ComputerName\ComputerName" 'ComputerName')
    if ($active -ne $next) { [void] $reasons.Add('computerRename') }
    # Windows keeps the sign of a join as a subkey or as a value of Netlogon, under one of two names.
    $netlogon = 'SYSTEM\CurrentControlSet\Services\Netlogon'
    $joins = @('JoinDomain', 'AvoidSpnSet' | Where-Object { (Test-RegistryKey "$netlogon\$_") -or $null -ne (Read-RegistryValue $netlogon $_) })
    if ($joins.Count -gt 0) { [void] $reasons.Add('domainJoin') }
    return , $reasons
}

function Read-Registry {
    $values = @{}
    $values['InstallationType'] = Read-RegistryValue 'SOFTWARE\Microsoft\Windows NT\CurrentVersion' 'InstallationType'
    $values['UpdateRevision'] = Read-RegistryValue 'SOFTWARE\Microsoft\Windows NT\CurrentVersion' 'UBR'
    $values['FirmwareType'] = Read-RegistryValue 'SYSTEM\CurrentControlSet\Control' 'PEFirmwareType'
    $secureBoot = Read-RegistryValue 'SYSTEM\CurrentControlSet\Control\SecureBoot\State' 'UEFISecureBootEnabled'
    $values['SecureBoot'] = $null
    if ($null -ne $secureBoot) { $values['SecureBoot'] = ([int] $secureBoot -eq 1) }
    $values['W32TimeType'] = Read-RegistryValue 'SYSTEM\CurrentControlSet\Services\W32Time\Parameters' 'Type'
    $values['W32TimeServer'] = Read-RegistryValue 'SYSTEM\CurrentControlSet\Services\W32Time\Parameters' 'NtpServer'
    $values['PendingReboot'] = Read-PendingReboot
    return $values
}

$cimv2 = 'root\CIMV2'
$wanted = @(
    @('Win32_Processor', $cimv2, '', @('DeviceID', 'Name', 'Caption', 'Manufacturer', 'Level', 'Revision', 'Architecture', 'AddressWidth', 'DataWidth', 'NumberOfCores', 'NumberOfLogicalProcessors', 'VMMonitorModeExtensions', 'SecondLevelAddressTranslationExtensions', 'VirtualizationFirmwareEnabled', 'SystemName')),
    @('Win32_OperatingSystem', $cimv2, '', @('Caption', 'Version', 'BuildNumber', 'OperatingSystemSKU', 'ProductType', 'OSArchitecture', 'ServicePackMajorVersion', 'Locale', 'CSName', 'SystemDrive', 'TotalVisibleMemorySize', 'DataExecutionPrevention_Available', 'DataExecutionPrevention_SupportPolicy')),
    @('Win32_ComputerSystem', $cimv2, '', @('Name', 'DNSHostName', 'Manufacturer', 'Model', 'HypervisorPresent', 'TotalPhysicalMemory', 'PartOfDomain', 'Domain', 'DomainRole', 'Workgroup')),
    @('Win32_ComputerSystemProduct', $cimv2, '', @('UUID', 'IdentifyingNumber')),
    @('Win32_BIOS', $cimv2, '', @('Manufacturer', 'SMBIOSBIOSVersion', 'Version', 'ReleaseDate', 'SerialNumber')),
    @('Win32_PhysicalMemory', $cimv2, '', @('Tag', 'Capacity', 'MemoryType')),
    @('Win32_QuickFixEngineering', $cimv2, '', @('HotFixID')),
    @('Win32_Service', $cimv2, "Name = 'vmms' OR Name = 'W32Time'", @('Name', 'State', 'Started', 'StartMode')),
    @('Win32_NetworkAdapter', $cimv2, '', @('DeviceID', 'Name', 'ProductName', 'Description', 'NetConnectionID', 'NetConnectionStatus', 'PhysicalAdapter', 'PNPDeviceID', 'AdapterTypeId', 'GUID', 'MACAddress', 'Speed', 'ServiceName', 'SystemName')),
    @('MSFT_NetAdapter', 'root\StandardCimv2', '', @('Name', 'InterfaceDescription', 'InterfaceGuid', 'PermanentAddress', 'PnPDeviceID', 'Virtual', 'Hidden', 'HardwareInterface', 'ConnectorPresent', 'InterfaceType', 'NdisPhysicalMedium', 'MediaConnectState', 'Speed', 'SystemName')),
    @('Win32_DeviceGuard', 'root\Microsoft\Windows\DeviceGuard', '', @('VirtualizationBasedSecurityStatus', 'SecurityServicesRunning', 'SecurityServicesConfigured')),
    @('Win32_Tpm', 'root\CIMV2\Security\MicrosoftTpm', '', @('SpecVersion', 'IsEnabled_InitialValue', 'IsActivated_InitialValue'))
)

$classes = @{}
$errors = @{}
foreach ($one in $wanted) {
    [System.Console]::Out.WriteLine('Reading ' + $one[0])
    try { $classes[$one[0]] = Read-Class $one[0] $one[1] $one[2] $one[3] }
    catch { $errors[$one[0]] = [string] $_.Exception.Message }
}
[System.Console]::Out.WriteLine('Reading Registry')
try { $classes['Registry'] = @(, (Read-Registry)) }
catch { $errors['Registry'] = [string] $_.Exception.Message }

# The registry alone says little of a server, and reading it hardly ever fails: WMI is what counts.
if (@($classes.Keys | Where-Object { $_ -ne 'Registry' }).Count -eq 0) {
    foreach ($name in @($errors.Keys | Sort-Object)) { [System.Console]::Out.WriteLine('Not read: ' + $name + ': ' + $errors[$name]) }
    [System.Console]::Out.WriteLine('Nothing could be read. Run this file as an administrator, and see whether the service Winmgmt runs.')
    exit 1
}

$document = @{
    schema = 'quorate.collected/1'
    collectedAt = [datetime]::UtcNow
    collectedBy = @{ tool = 'Collect-QuorateFacts.ps1'; version = '1' }
    classes = $classes
    errors = $errors
}
$builder = New-Object System.Text.StringBuilder
Write-Json $builder $document

if (-not $OutFile) {
    $folder = [System.IO.Path]::GetDirectoryName($script:MyInvocation.MyCommand.Path)
    $OutFile = [System.IO.Path]::Combine($folder, 'facts-' + [System.Environment]::MachineName + '.json')
}
# Written beside and then moved: a stick that is pulled out leaves no half file under the final name.
$beside = $OutFile + '.new'
[System.IO.File]::WriteAllText($beside, $builder.ToString(), [System.Text.Encoding]::ASCII)
if ([System.IO.File]::Exists($OutFile)) { [System.IO.File]::Delete($OutFile) }
[System.IO.File]::Move($beside, $OutFile)
[System.Console]::Out.WriteLine('Written: ' + $OutFile)
foreach ($name in @($errors.Keys | Sort-Object)) { [System.Console]::Out.WriteLine('Not read: ' + $name) }
