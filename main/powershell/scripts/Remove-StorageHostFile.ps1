<#
.SYNOPSIS
Deletes the file of a virtual disk that is offered no longer, with all that is in it.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/iscsitarget/remove-iscsivirtualdisk
.PARAMETER Path
The whole path of the file.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Path
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$disk = @(Get-IscsiVirtualDisk | Where-Object { [string] $_.Path -eq $Path })
if ($disk.Count -gt 0) { Stop-Script -Id 'Quorate.StorageHostFileInUse' -Category ResourceBusy -Message "$Path is a virtual disk." -Target $Path }
if (Test-Path -LiteralPath $Path) { Remove-Item -LiteralPath $Path }
Send-Result $null
