<#
.SYNOPSIS
Takes a virtual disk of iSCSI Target Server away; its file stays.
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
if ($disk.Count -eq 0) { Stop-Script -Id 'Quorate.StorageHostDiskNotFound' -Category ObjectNotFound -Message "There is no virtual disk $Path." -Target $Path }
$showing = @(Get-IscsiServerTarget | Where-Object { @($_.LunMappings | Where-Object { $null -ne $_ -and [string] $_.Path -eq $Path }).Count -gt 0 })
if ($showing.Count -gt 0) { Stop-Script -Id 'Quorate.StorageHostDiskMapped' -Category ResourceBusy -Message "The target $($showing[0].TargetName) shows $Path." -Target ([string] $showing[0].TargetName) }
Remove-IscsiVirtualDisk -Path $Path
Send-Result $null
