<#
.SYNOPSIS
Makes a virtual disk of iSCSI Target Server of a file that is there.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/iscsitarget/import-iscsivirtualdisk
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
if ($disk.Count -eq 0) { Import-IscsiVirtualDisk -Path $Path }
Send-Result $null
