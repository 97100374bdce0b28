<#
.SYNOPSIS
Sets what Windows does with disks that appear for the first time.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/storage/set-storagesetting
.PARAMETER Policy
OnlineAll, OfflineShared, OfflineAll or OfflineInternal.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [ValidateSet('OnlineAll', 'OfflineShared', 'OfflineAll', 'OfflineInternal')] [string] $Policy
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

Set-StorageSetting -NewDiskPolicy $Policy
Send-Result $null
