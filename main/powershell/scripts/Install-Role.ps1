<#
.SYNOPSIS
Installs roles and features.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/servermanager/install-windowsfeature
.PARAMETER Features
Their names in Get-WindowsFeature.
.PARAMETER Source
A folder with the payload; empty: Windows Update or the image.
.OUTPUTS
restartNeeded (Yes, No, Maybe), exitCode
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: something
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string[]] $Features,
    [Parameter(Mandatory = $true)] [AllowEmptyString()] [string] $Source
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$wanted = @{ Name = $Features; IncludeManagementTools = $true }
if ($Source -ne '') { $wanted['Source'] = $Source }
$answer = Install-WindowsFeature @wanted
if (-not $answer.Success) {
    Stop-Script -Id 'Quorate.FeatureFailed' -Message "Install-WindowsFeature ended with $($answer.ExitCode)." -Target ([string] $answer.ExitCode)
}
Send-Result ([ordered]@{ restartNeeded = [string] $answer.RestartNeeded; exitCode = [string] $answer.ExitCode })
