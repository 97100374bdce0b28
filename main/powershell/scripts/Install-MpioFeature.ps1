<#
.SYNOPSIS
Installs the feature Multipath-IO.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/servermanager/install-windowsfeature
.OUTPUTS
restartNeeded (Yes, No, Maybe), exitCode
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: something
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$answer = Install-WindowsFeature -Name Multipath-IO -IncludeManagementTools
if (-not $answer.Success) {
    Stop-Script -Id 'Quorate.FeatureFailed' -Message "Install-WindowsFeature ended with $($answer.ExitCode)." -Target ([string] $answer.ExitCode)
}
Send-Result ([ordered]@{ restartNeeded = [string] $answer.RestartNeeded; exitCode = [string] $answer.ExitCode })
