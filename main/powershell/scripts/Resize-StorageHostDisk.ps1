<#
.SYNOPSIS
Extends a virtual disk of iSCSI Target Server; it can stay in use.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/iscsitarget/resize-iscsivirtualdisk
.PARAMETER Path
The whole path of the file.
.PARAMETER SizeBytes
The new size of the LUN.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Path,
    [Parameter(Mandatory = $true)] [long] $SizeBytes
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$disk = @(Get-IscsiVirtualDisk | Where-Object { [string] $_.Path -eq $Path })
if ($disk.Count -eq 0) { Stop-Script -Id 'Quorate.StorageHostDiskNotFound' -Category ObjectNotFound -Message "There is no virtual disk $Path." -Target $Path }
Resize-IscsiVirtualDisk -Path $Path -SizeBytes $SizeBytes
Send-Result $null
