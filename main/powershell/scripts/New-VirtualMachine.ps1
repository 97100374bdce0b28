<#
.SYNOPSIS
Creates a virtual machine with every file in one folder.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/hyper-v/new-vm
.PARAMETER Name
The name of the virtual machine.
.PARAMETER Folder
The folder on clustered storage.
.PARAMETER Generation
1 or 2.
.PARAMETER MemoryBytes
Its memory.
.PARAMETER DiskBytes
The size of its disk.
.PARAMETER Switch
The virtual switch; empty: none.
.PARAMETER Iso
An ISO file for its DVD drive; empty: none.
.OUTPUTS
id
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: something
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Name,
    [Parameter(Mandatory = $true)] [string] $Folder,
    [Parameter(Mandatory = $true)] [int] $Generation,
    [Parameter(Mandatory = $true)] [long] $MemoryBytes,
    [Parameter(Mandatory = $true)] [long] $DiskBytes,
    [Parameter(Mandatory = $true)] [AllowEmptyString()] [string] $Switch,
    [Parameter(Mandatory = $true)] [AllowEmptyString()] [string] $Iso
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$same = @(Get-VM | Where-Object { [string] $_.Name -eq $Name })
if ($same.Count -gt 0) { Stop-Script -Id 'Quorate.MachineNameTaken' -Category ResourceExists -Message "There is a virtual machine $Name." -Target $Name }
if (-not (Test-Path -LiteralPath $Folder -PathType Container)) { Stop-Script -Id 'Quorate.MachineFolderMissing' -Category ObjectNotFound -Message "The folder $Folder is not there." -Target $Folder }
if ($Iso -ne '' -and -not (Test-Path -LiteralPath $Iso -PathType Leaf)) { Stop-Script -Id 'Quorate.MachineIsoMissing' -Category ObjectNotFound -Message "The file $Iso is not there." -Target $Iso }
$base = "$($Folder.TrimEnd('\'))\$Name"
$wanted = @{ Name = $Name; Path = $Folder; Generation = $Generation; MemoryStartupBytes = $MemoryBytes; NewVHDPath = "$base\Virtual Hard Disks\$Name.vhdx"; NewVHDSizeBytes = $DiskBytes }
if ($Switch -ne '') { $wanted['SwitchName'] = $Switch }
$made = New-VM @wanted
Set-VM -VM $made -SnapshotFileLocation $base -SmartPagingFilePath $base
if ($Iso -ne '') {
    # Generation 1 is made with a drive, generation 2 without one.
    $drive = @(Get-VMDvdDrive -VM $made)
    if ($drive.Count -gt 0) { Set-VMDvdDrive -VMDvdDrive $drive[0] -Path $Iso } else { Add-VMDvdDrive -VM $made -Path $Iso }
}
Send-Result ([ordered]@{ id = [string] $made.Id })
