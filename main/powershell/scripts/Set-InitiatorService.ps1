<#
.SYNOPSIS
Starts the service MSiSCSI and lets it start by itself, or stops it and makes it manual.
.DESCRIPTION
Pages: https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.management/set-service?view=powershell-5.1,
https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.management/start-service?view=powershell-5.1
.PARAMETER Running
True starts it.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: something
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [bool] $Running
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

if ($Running) {
    Set-Service -Name MSiSCSI -StartupType Automatic
    Start-Service -Name MSiSCSI
}
else {
    Stop-Service -Name MSiSCSI -Force
    Set-Service -Name MSiSCSI -StartupType Manual
}
Send-Result $null
