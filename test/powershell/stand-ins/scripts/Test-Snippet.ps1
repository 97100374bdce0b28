<#
.SYNOPSIS
Runs a piece of text and tells its output as text, or the error that ended it.
.PARAMETER Text
What to run.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param([Parameter(Mandatory = $true)] [string] $Text)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

Send-Result (Read-Part -AsList {
    foreach ($item in @(& ([scriptblock]::Create($Text)))) {
        if ($null -eq $item) { $null } elseif ($item -is [bool] -or $item -is [string]) { $item } else { [string] $item }
    }
})
