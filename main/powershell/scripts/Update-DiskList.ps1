<#
.SYNOPSIS
Looks for disks that came or went.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/storage/update-hoststoragecache
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

Update-HostStorageCache
Send-Result $null
