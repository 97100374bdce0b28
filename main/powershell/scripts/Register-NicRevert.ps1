<#
.SYNOPSIS
Arms a revert: a task of Windows that runs a command at a point in time, also when Quorate is gone by then.
.DESCRIPTION
The task runs as SYSTEM, once, later when the server was off at that time. It carries the whole command itself; the text is that of Restore-NicSetting with
its data. Replaces a task of the same token. The time is counted from the server's own clock (Win32_OperatingSystem).
Pages: https://learn.microsoft.com/en-us/powershell/module/scheduledtasks/register-scheduledtask,
https://learn.microsoft.com/en-us/windows/win32/taskschd/taskschedulerschema-exectype-complextype,
https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.core/about/about_powershell_exe?view=powershell-5.1
.PARAMETER Token
Names the revert.
.PARAMETER AfterSeconds
Seconds from now until it runs.
.PARAMETER Command
The PowerShell text that puts the settings back.
.OUTPUTS
dueAt
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9-]{1,64}$')] [string] $Token,
    [Parameter(Mandatory = $true)] [ValidateRange(10, 3600)] [int] $AfterSeconds,
    [Parameter(Mandatory = $true)] [string] $Command
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$system = Get-CimInstance -ClassName Win32_OperatingSystem
$due = ([datetime] $system.LocalDateTime).ToUniversalTime().AddSeconds($AfterSeconds)
$encoded = [System.Convert]::ToBase64String([System.Text.Encoding]::Unicode.GetBytes($Command))
# A command line holds 32,767 characters.
if ($encoded.Length -gt 32000) { Stop-Script -Id 'Quorate.RevertTooLong' -Category LimitsExceeded -Message "The command has $($encoded.Length) characters when encoded; 32000 fit." }
$program = '%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe'
$action = New-ScheduledTaskAction -Execute $program -Argument "-NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand $encoded"
$start = New-ScheduledTaskTrigger -Once -At $due.ToLocalTime()
$principal = New-ScheduledTaskPrincipal -UserId 'S-1-5-18' -LogonType ServiceAccount -RunLevel Highest
$settings = New-ScheduledTaskSettingsSet -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries -StartWhenAvailable
$description = "quorate-revert;1;$(ConvertTo-IsoDate $due)"
[void] (Register-ScheduledTask -TaskName "Revert-$Token" -TaskPath '\Quorate\' -Action $action -Trigger $start -Principal $principal -Settings $settings -Description $description -Force)
Send-Result ([ordered]@{ dueAt = ConvertTo-IsoDate $due })
