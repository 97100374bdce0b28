<#
.SYNOPSIS
Says whether new volumes get a letter by themselves.
.DESCRIPTION
The mount manager is told by mountvol; there is no cmdlet or CIM method for it, and a value in the registry alone would hold from the next start on.
Page: https://learn.microsoft.com/en-us/windows-server/administration/windows-commands/mountvol
.PARAMETER Enabled
True: they do.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [bool] $Enabled
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

if ($Enabled) { [void] (& mountvol.exe /E) } else { [void] (& mountvol.exe /N) }
if ($LASTEXITCODE -ne 0) {
    throw [System.Management.Automation.ErrorRecord]::new([System.ComponentModel.Win32Exception]::new([int] $LASTEXITCODE), 'Quorate.MountvolFailed', 'NotSpecified', ([string] $LASTEXITCODE))
}
Send-Result $null
