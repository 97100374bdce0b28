<#
.SYNOPSIS
Forgets a revert that Register-NicRevert armed; does nothing when there is none.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/scheduledtasks/unregister-scheduledtask
.PARAMETER Token
Names the revert.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Token
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$task = Get-ScheduledTask | Where-Object { $_.TaskPath -eq '\Quorate\' -and $_.TaskName -eq "Revert-$Token" }
if ($null -ne $task) { Unregister-ScheduledTask -TaskName "Revert-$Token" -TaskPath '\Quorate\' -Confirm:$false }
Send-Result $null
