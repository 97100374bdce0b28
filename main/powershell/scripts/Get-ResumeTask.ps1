<#
.SYNOPSIS
Lists what Quorate registered to go on after a restart.
.DESCRIPTION
Scheduled tasks in the folder \Quorate whose description is the data that Register-ResumeTask wrote.
Page: https://learn.microsoft.com/en-us/powershell/module/scheduledtasks/get-scheduledtask
.OUTPUTS
tasks[]: name, description, program, argument, isElevated, isEnabled
.NOTES
Needs an elevated session: no; another account's tasks are seen by administrators only.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# Asking for a folder that does not exist is an error, so all tasks are read.
$tasks = @(Get-ScheduledTask | Where-Object { $_.TaskPath -eq '\Quorate\' -and ([string] $_.TaskName).StartsWith('Resume-', [System.StringComparison]::Ordinal) })
Send-Result ([ordered]@{
    tasks = @(foreach ($task in $tasks) {
        $action = @($task.Actions) | Select-Object -First 1
        [ordered]@{
            name = [string] $task.TaskName
            description = [string] $task.Description
            program = if ($null -eq $action) { '' } else { [string] $action.Execute }
            argument = if ($null -eq $action) { '' } else { [string] $action.Arguments }
            # A number, or the name that the module's types give it: TASK_RUNLEVEL_HIGHEST is 1 (taskschd.h).
            isElevated = @('1', 'Highest') -contains [string] $task.Principal.RunLevel
            # TASK_STATE_DISABLED is 1.
            isEnabled = @('1', 'Disabled') -notcontains [string] $task.State
        }
    })
})
