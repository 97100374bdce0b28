<#
.SYNOPSIS
Makes a virtual disk of iSCSI Target Server in a new file; its folder is made where it is missing.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/iscsitarget/new-iscsivirtualdisk
.PARAMETER Path
The whole path of the file.
.PARAMETER SizeBytes
The size of the LUN.
.PARAMETER IsFixed
Whether all of its bytes are taken and zeroed now.
.PARAMETER Description
What a person notes beside it.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: something
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Path,
    [Parameter(Mandatory = $true)] [long] $SizeBytes,
    [Parameter(Mandatory = $true)] [bool] $IsFixed,
    [Parameter(Mandatory = $true)] [AllowEmptyString()] [string] $Description
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

if (Test-Path -LiteralPath $Path) { Stop-Script -Id 'Quorate.StorageHostFileExists' -Category ResourceExists -Message "There is a file $Path." -Target $Path }
$folder = $Path.Substring(0, $Path.LastIndexOf('\'))
if ($folder.Length -gt 2 -and -not (Test-Path -LiteralPath $folder)) { $null = New-Item -Path $folder -ItemType Directory }
$wanted = @{ Path = $Path; SizeBytes = $SizeBytes; Description = $Description }
# Without it the disk is dynamic.
if ($IsFixed) { $wanted['UseFixed'] = $true }
$null = New-IscsiVirtualDisk @wanted
Send-Result $null
