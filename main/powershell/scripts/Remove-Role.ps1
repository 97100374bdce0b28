<#
.SYNOPSIS
Removes roles and features.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/servermanager/uninstall-windowsfeature
.PARAMETER Features
Their names in Get-WindowsFeature.
.OUTPUTS
restartNeeded (Yes, No, Maybe), exitCode
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: something
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string[]] $Features
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$answer = Uninstall-WindowsFeature -Name $Features -Confirm:$false
if (-not $answer.Success) {
    Stop-Script -Id 'Quorate.FeatureFailed' -Message "Uninstall-WindowsFeature ended with $($answer.ExitCode)." -Target ([string] $answer.ExitCode)
}
Send-Result ([ordered]@{ restartNeeded = [string] $answer.RestartNeeded; exitCode = [string] $answer.ExitCode })
