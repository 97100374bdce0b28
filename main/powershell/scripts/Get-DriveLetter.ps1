<#
.SYNOPSIS
Lists every letter that is taken, by whatever kind of drive.
.DESCRIPTION
Network drives are those of this session.
Page: https://learn.microsoft.com/en-us/windows/win32/cimwin32prov/win32-logicaldisk
.OUTPUTS
letters[]: letter, kind, label
.NOTES
Needs an elevated session: no.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$kinds = @{ 0 = 'Unknown'; 1 = 'Unknown'; 2 = 'Removable'; 3 = 'Fixed'; 4 = 'Remote'; 5 = 'CdRom'; 6 = 'RamDisk' }
Send-Result ([ordered]@{
    letters = @(foreach ($drive in Get-CimInstance -ClassName Win32_LogicalDisk) {
        [ordered]@{
            letter = ([string] $drive.DeviceID).Substring(0, 1).ToUpperInvariant()
            kind = ConvertTo-EnumName $drive.DriveType $kinds
            label = [string] $drive.VolumeName
        }
    })
})
