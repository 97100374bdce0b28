<#
.SYNOPSIS
Lists the tests that Test-Cluster of this Windows has.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/test-cluster
.OUTPUTS
A list of category and name, in the language of Windows.
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

Send-Result @(Test-Cluster -List | ForEach-Object {
    [ordered]@{ category = [string] $_.Category; name = [string] $_.DisplayName }
})
