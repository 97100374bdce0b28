<#
.SYNOPSIS
Runs the cluster validation on servers and hands back its report.
.DESCRIPTION
Test-Cluster makes a temporary local account on every node and removes it. Its findings are in the report alone: the object that comes back is the
file, and the warning stream says in a line which tests were not clean.
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/test-cluster
.PARAMETER Nodes
The servers, by their computer names.
.PARAMETER Include
Categories or tests that are run; empty: all.
.PARAMETER Ignore
Categories or tests that are left out. Windows takes one of Include and Ignore.
.PARAMETER ReportName
The name of the report's file in the temporary folder, without its extension: after a run that was cut short it is asked for by this name.
.OUTPUTS
path of the report or null, base64 of its bytes, warnings as text
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string[]] $Nodes,
    [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [string[]] $Include,
    [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [string[]] $Ignore,
    [Parameter(Mandatory = $true)] [string] $ReportName
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$name = [System.IO.Path]::Combine([System.IO.Path]::GetTempPath(), $ReportName)
$wanted = @{ Node = $Nodes; ReportName = $name }
if ($Include.Count -gt 0) { $wanted['Include'] = $Include }
if ($Ignore.Count -gt 0) { $wanted['Ignore'] = $Ignore }
$told = @()
$file = @(Test-Cluster @wanted -WarningVariable told) | Where-Object { Test-PropertyName $_ 'FullName' } | Select-Object -Last 1
$path = if ($null -eq $file) { $null } else { [string] $file.FullName }
$bytes = [byte[]] @()
if ($null -ne $path -and [System.IO.File]::Exists($path)) {
    $bytes = [System.IO.File]::ReadAllBytes($path)
    # The copy of the report that the product keeps is its own.
    [System.IO.File]::Delete($path)
}
Send-Result ([ordered]@{
    path = $path
    base64 = [System.Convert]::ToBase64String($bytes)
    warnings = @($told | ForEach-Object { [string] $_ })
})
