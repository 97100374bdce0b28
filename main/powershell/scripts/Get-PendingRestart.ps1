<#
.SYNOPSIS
Looks at every place where Windows keeps a sign that a restart is due.
.DESCRIPTION
The registry is read with StdRegProv: whole lists of subkeys and values, so that a missing one is known to be missing.
Component servicing: subkey RebootPending. Windows Update: subkey RebootRequired. Rename: the computer name that is active against the one that is
set. Domain: JoinDomain or AvoidSpnSet below Netlogon, as a subkey or as a value. Files: value PendingFileRenameOperations, which MoveFileEx writes. Features: a state
with "Pending" in Get-WindowsFeature.
Pages: https://learn.microsoft.com/en-us/previous-versions/windows/desktop/regprov/stdregprov,
https://learn.microsoft.com/en-us/windows/win32/api/winbase/nf-winbase-movefileexa,
https://learn.microsoft.com/en-us/powershell/module/servermanager/get-windowsfeature
.OUTPUTS
signs[]: sign, read as a part: true when it is there
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

function Get-RegistryKeyName {
    param([string] $Key)
    $answer = Invoke-CimMethod -ClassName StdRegProv -Namespace 'root\default' -MethodName EnumKey -Arguments @{ hDefKey = $localMachine; sSubKeyName = $Key }
    if ($answer.ReturnValue -ne 0) { Stop-Script -Id 'Quorate.RegistryKeyUnread' -Message "The registry key $Key cannot be read ($($answer.ReturnValue))." }
    ConvertTo-TextList $answer.sNames
}

function Get-RegistryValueName {
    param([string] $Key)
    $answer = Invoke-CimMethod -ClassName StdRegProv -Namespace 'root\default' -MethodName EnumValues -Arguments @{ hDefKey = $localMachine; sSubKeyName = $Key }
    if ($answer.ReturnValue -ne 0) { Stop-Script -Id 'Quorate.RegistryKeyUnread' -Message "The registry key $Key cannot be read ($($answer.ReturnValue))." }
    ConvertTo-TextList $answer.sNames
}

function Get-RegistryText {
    param([string] $Key, [string] $Name)
    $answer = Invoke-CimMethod -ClassName StdRegProv -Namespace 'root\default' -MethodName GetStringValue -Arguments @{ hDefKey = $localMachine; sSubKeyName = $Key; sValueName = $Name }
    if ($answer.ReturnValue -ne 0) { Stop-Script -Id 'Quorate.RegistryValueUnread' -Message "The registry value $Name cannot be read ($($answer.ReturnValue))." }
    [string] $answer.sValue
}

$names = 'SYSTEM\CurrentControlSet\Control\ComputerName'
Send-Result ([ordered]@{
    signs = @(
        [ordered]@{
            sign = 'componentServicing'
            read = Read-Part { (Get-RegistryKeyName 'SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing') -contains 'RebootPending' }
        }
        [ordered]@{
            sign = 'windowsUpdate'
            read = Read-Part { (Get-RegistryKeyName 'SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update') -contains 'RebootRequired' }
        }
        [ordered]@{
            sign = 'computerRename'
            read = Read-Part { (Get-RegistryText "$names\ActiveComputerName" 'ComputerName') -ne (Get-RegistryText "$names\ComputerName" 'ComputerName') }
        }
        [ordered]@{
            sign = 'domainJoin'
            read = Read-Part {
                $netlogon = 'SYSTEM\CurrentControlSet\Services\Netlogon'
                $names = (Get-RegistryKeyName $netlogon) + (Get-RegistryValueName $netlogon)
                ($names -contains 'JoinDomain') -or ($names -contains 'AvoidSpnSet')
            }
        }
        [ordered]@{
            sign = 'fileRename'
            read = Read-Part { (Get-RegistryValueName 'SYSTEM\CurrentControlSet\Control\Session Manager') -contains 'PendingFileRenameOperations' }
        }
        [ordered]@{
            sign = 'featureInstall'
            read = Read-Part {
                $waiting = @(Get-WindowsFeature | Where-Object { [string] $_.InstallState -eq 'InstallPending' -or [string] $_.InstallState -eq 'UninstallPending' })
                $waiting.Count -gt 0
            }
        }
    )
})
