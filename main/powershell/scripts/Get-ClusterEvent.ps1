<#
.SYNOPSIS
Reads the events of the failover cluster that this server logged in the last minutes.
.DESCRIPTION
Both logs in one call: System, and the provider's own.
Page: https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.diagnostics/get-winevent
.PARAMETER Minutes
How far back.
.OUTPUTS
service; events[]: at date, id number, level number, log, text
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [ValidateRange(1, 10080)] [int] $Minutes
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$service = @(Get-CimInstance -ClassName Win32_Service -Filter "Name='ClusSvc'")
if ($service.Count -eq 0) {
    # The provider and its log came with the feature.
    Send-Result ([ordered]@{ service = 'absent'; events = @() })
    return
}
$filter = @{
    LogName = @('System', 'Microsoft-Windows-FailoverClustering/Operational')
    ProviderName = 'Microsoft-Windows-FailoverClustering'
    StartTime = [datetime]::Now.AddMinutes(-$Minutes)
}
$found = @()
try { $found = @(Get-WinEvent -FilterHashtable $filter -MaxEvents 1000) }
catch {
    # No event is told as an error.
    if ($_.FullyQualifiedErrorId -notlike 'NoMatchingEventsFound,*') { throw }
}
Send-Result ([ordered]@{
    service = 'present'
    events = @(foreach ($entry in $found) {
        [ordered]@{
            at = ConvertTo-IsoDate $entry.TimeCreated
            id = ConvertTo-Number $entry.Id
            level = ConvertTo-Number $entry.Level
            log = [string] $entry.LogName
            text = [string] $entry.Message
        }
    })
})
