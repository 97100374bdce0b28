<#
.SYNOPSIS
Hands back the report of a cluster validation that was cancelled, and deletes it.
.DESCRIPTION
Test-Cluster writes its report at its end; whether it does so when it is stopped is not documented.
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/test-cluster
.PARAMETER ReportName
The name that the validation was given.
.OUTPUTS
base64 of its bytes, empty where there is none
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $ReportName
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$path = [System.IO.Path]::Combine([System.IO.Path]::GetTempPath(), $ReportName + '.htm')
$bytes = [byte[]] @()
if ([System.IO.File]::Exists($path)) {
    $bytes = [System.IO.File]::ReadAllBytes($path)
    [System.IO.File]::Delete($path)
}
Send-Result ([ordered]@{ base64 = [System.Convert]::ToBase64String($bytes) })
