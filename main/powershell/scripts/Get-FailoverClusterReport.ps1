<#
.SYNOPSIS
Reads a report that Windows wrote of a change of the cluster.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.management/get-content
.PARAMETER Path
The file, in the folder Cluster\Reports.
.OUTPUTS
text
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Path
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

if (-not (Test-Path -LiteralPath $Path -PathType Leaf)) { Stop-Script -Id 'Quorate.ClusterReportMissing' -Category ObjectNotFound -Message "There is no report $Path." -Target $Path }
Send-Result ([ordered]@{ text = [string] (Get-Content -LiteralPath $Path -Raw -Encoding UTF8) })
