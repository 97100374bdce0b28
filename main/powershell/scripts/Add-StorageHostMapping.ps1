<#
.SYNOPSIS
Shows a virtual disk at a target of iSCSI Target Server; one that is shown there already is left as it is.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/iscsitarget/add-iscsivirtualdisktargetmapping
.PARAMETER Name
The short name of the target.
.PARAMETER Path
The whole path of the file.
.PARAMETER Lun
The number of the LUN; -1: the next free one.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Name,
    [Parameter(Mandatory = $true)] [string] $Path,
    [Parameter(Mandatory = $true)] [int] $Lun
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$target = @(Get-IscsiServerTarget | Where-Object { [string] $_.TargetName -eq $Name })
if ($target.Count -eq 0) { Stop-Script -Id 'Quorate.StorageHostTargetNotFound' -Category ObjectNotFound -Message "There is no target $Name." -Target $Name }
$disk = @(Get-IscsiVirtualDisk | Where-Object { [string] $_.Path -eq $Path })
if ($disk.Count -eq 0) { Stop-Script -Id 'Quorate.StorageHostDiskNotFound' -Category ObjectNotFound -Message "There is no virtual disk $Path." -Target $Path }
# A second mapping of one disk is refused by Windows: they are read first.
$mapping = @($target[0].LunMappings | Where-Object { $null -ne $_ -and [string] $_.Path -eq $Path })
if ($mapping.Count -gt 0) {
    if ($Lun -ge 0 -and [int] $mapping[0].Lun -ne $Lun) { Stop-Script -Id 'Quorate.StorageHostLunDiffers' -Category ResourceExists -Message "It is LUN $($mapping[0].Lun) there." -Target "it is LUN $($mapping[0].Lun) there" }
    Send-Result $null
    return
}
$wanted = @{ TargetName = $Name; Path = $Path }
if ($Lun -ge 0) { $wanted['Lun'] = $Lun }
Add-IscsiVirtualDiskTargetMapping @wanted
Send-Result $null
