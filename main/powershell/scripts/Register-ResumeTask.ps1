<#
.SYNOPSIS
Registers a task that goes on after the restart: at an account's next logon, or at the start with a password that Windows keeps.
.DESCRIPTION
Replaces a task of the same token. The description holds what the task is, for Get-ResumeTask.
Pages: https://learn.microsoft.com/en-us/powershell/module/scheduledtasks/register-scheduledtask,
https://learn.microsoft.com/en-us/powershell/module/scheduledtasks/new-scheduledtasktrigger
.PARAMETER Token
Names the work that goes on.
.PARAMETER Trigger
logon or startup.
.PARAMETER Account
DOMAIN\user or SERVER\user.
.PARAMETER Program
The program's full path.
.PARAMETER Argument
Its arguments as one command line; never a secret.
.PARAMETER Password
The account's password; for startup only.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9-]{1,64}$')] [string] $Token,
    [Parameter(Mandatory = $true)] [ValidateSet('logon', 'startup')] [string] $Trigger,
    [Parameter(Mandatory = $true)] [string] $Account,
    [Parameter(Mandatory = $true)] [string] $Program,
    [string] $Argument,
    [securestring] $Password
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$actionParameters = @{ Execute = $Program }
if ($Argument) { $actionParameters.Argument = $Argument }
$action = New-ScheduledTaskAction @actionParameters
$settings = New-ScheduledTaskSettingsSet -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries -ExecutionTimeLimit ([timespan]::Zero)
$description = "quorate-resume;1;$Trigger;$Account"
if ($Trigger -eq 'logon') {
    $start = New-ScheduledTaskTrigger -AtLogOn -User $Account
    $principal = New-ScheduledTaskPrincipal -UserId $Account -LogonType Interactive -RunLevel Highest
    [void] (Register-ScheduledTask -TaskName "Resume-$Token" -TaskPath '\Quorate\' -Action $action -Trigger $start -Principal $principal -Settings $settings -Description $description -Force)
}
else {
    if ($null -eq $Password) { Stop-Script -Id 'Quorate.PasswordMissing' -Category InvalidArgument -Message 'A task at the start needs the password of its account.' }
    $start = New-ScheduledTaskTrigger -AtStartup
    [void] (Register-ScheduledTask -TaskName "Resume-$Token" -TaskPath '\Quorate\' -Action $action -Trigger $start -User $Account -Password (ConvertFrom-Secret $Password) -RunLevel Highest -Settings $settings -Description $description -Force)
}

# What is read back is what a restart depends on: a policy, or a program of another maker, may have changed it.
$kept = Get-ScheduledTask | Where-Object { $_.TaskPath -eq '\Quorate\' -and $_.TaskName -eq "Resume-$Token" }
$keptAction = if ($null -eq $kept) { $null } else { @($kept.Actions) | Select-Object -First 1 }
if ($null -eq $keptAction) { Stop-Script -Id 'Quorate.TaskNotKept' -Category InvalidResult -Message 'it is not there' }
if ([string] $keptAction.Execute -cne $Program) { Stop-Script -Id 'Quorate.TaskNotKept' -Category InvalidResult -Message "it starts $($keptAction.Execute)" }
if ([string] $keptAction.Arguments -cne $Argument) { Stop-Script -Id 'Quorate.TaskNotKept' -Category InvalidResult -Message "it starts with the arguments $($keptAction.Arguments)" }
Send-Result $null
