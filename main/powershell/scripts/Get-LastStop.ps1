<#
.SYNOPSIS
Reads how Windows went down before it started last.
.DESCRIPTION
The events of the log System that tell a shutdown from a loss of power: Kernel-General 13, Kernel-Power 41, User32 1074, EventLog 6008.
Pages: https://learn.microsoft.com/en-us/troubleshoot/windows-server/performance/troubleshoot-unexpected-reboots-system-event-logs,
https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.diagnostics/get-winevent
.OUTPUTS
bootedAt; events[], the newest of the log first: at date, id number, provider
.NOTES
Needs an elevated session: no.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$system = Get-CimInstance -ClassName Win32_OperatingSystem
$filter = @{
    LogName = 'System'
    ProviderName = @('Microsoft-Windows-Kernel-General', 'Microsoft-Windows-Kernel-Power', 'User32', 'EventLog')
    Id = @(13, 41, 1074, 6008)
}
$found = @()
# The newest come first: those of the last start are among them.
try { $found = @(Get-WinEvent -FilterHashtable $filter -MaxEvents 20) }
catch {
    # No event is told as an error.
    if ($_.FullyQualifiedErrorId -notlike 'NoMatchingEventsFound,*') { throw }
}
Send-Result ([ordered]@{
    bootedAt = ConvertTo-IsoDate $system.LastBootUpTime
    events = @(foreach ($entry in $found) {
        [ordered]@{
            at = ConvertTo-IsoDate $entry.TimeCreated
            id = ConvertTo-Number $entry.Id
            provider = [string] $entry.ProviderName
        }
    })
})
