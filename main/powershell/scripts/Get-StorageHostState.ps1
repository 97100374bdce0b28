<#
.SYNOPSIS
Reads what iSCSI Target Server offers: virtual disks, targets and where it listens, and the volumes that files could lie on.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/iscsitarget/get-iscsiservertarget
.OUTPUTS
service, portals, disks, targets, volumes, files, each but the first a part
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$volumes = Read-Part -AsList {
    @(Get-Volume | Where-Object { [string] $_.DriveLetter -match '^[A-Za-z]$' -and [string] $_.DriveType -in 'Fixed', '3' -and [string] $_.FileSystem -ne '' } | ForEach-Object {
        [ordered]@{
            letter = ([string] $_.DriveLetter).ToUpperInvariant()
            label = [string] $_.FileSystemLabel
            fileSystem = [string] $_.FileSystem
            size = ConvertTo-Int64Text $_.Size
            free = ConvertTo-Int64Text $_.SizeRemaining
        }
    })
}
$service = @(Get-CimInstance -ClassName Win32_Service -Filter "Name='WinTarget'")
if ($service.Count -eq 0 -or $service[0].State -ne 'Running') {
    $state = if ($service.Count -eq 0) { 'absent' } else { 'stopped' }
    Send-Result ([ordered]@{ service = $state; portals = $null; disks = $null; targets = $null; volumes = $volumes; files = $null })
    return
}
$portals = Read-Part -AsList {
    @((Get-IscsiTargetServerSetting).Portals | ForEach-Object {
        [ordered]@{ address = [string] $_.IPEndpoint.Address; port = ConvertTo-Number $_.IPEndpoint.Port; isEnabled = [bool] $_.Enabled }
    })
}
$disks = Read-Part -AsList {
    @(Get-IscsiVirtualDisk | ForEach-Object {
        $serial = [string] (Get-PropertyValue $_ 'SerialNumber')
        [ordered]@{
            path = [string] $_.Path
            size = ConvertTo-Int64Text $_.Size
            kind = ConvertTo-EnumName $_.DiskType
            isEnabled = Get-PropertyValue $_ 'Enabled'
            description = [string] $_.Description
            serialNumber = if ($serial -eq '') { $null } else { $serial }
        }
    })
}
$targets = Read-Part -AsList {
    @(Get-IscsiServerTarget | ForEach-Object {
        $target = $_
        [ordered]@{
            name = [string] $target.TargetName
            iqn = [string] $target.TargetIqn
            isEnabled = Get-PropertyValue $target 'Enabled'
            isConnected = [string] $target.Status -eq 'Connected'
            # Each has the form METHOD:VALUE as a text.
            initiators = @($target.InitiatorIds | Where-Object { $null -ne $_ } | ForEach-Object { [string] $_ })
            chapUserName = if ([bool] $target.EnableChap) { [string] $target.ChapUserName } else { $null }
            reverseChapUserName = if ([bool] $target.EnableReverseChap) { [string] $target.ReverseChapUserName } else { $null }
            mappings = @($target.LunMappings | Where-Object { $null -ne $_ } | ForEach-Object { [ordered]@{ lun = ConvertTo-Number $_.Lun; path = [string] $_.Path } })
            sessions = @(Get-PropertyValue $target 'Sessions' | Where-Object { $null -ne $_ } | ForEach-Object { [string] (Get-PropertyValue $_ 'InitiatorIQN') } | Where-Object { $_ -ne '' })
        }
    })
}
$files = Read-Part -AsList {
    if (-not $volumes.ok) { throw 'The volumes were not read.' }
    @($volumes.data | ForEach-Object {
        Get-ChildItem -Path "$($_.letter):\" -Filter '*.vhdx' -File -Recurse -Depth 2 -ErrorAction SilentlyContinue
    } | ForEach-Object { [ordered]@{ path = [string] $_.FullName; size = ConvertTo-Int64Text $_.Length } })
}
Send-Result ([ordered]@{ service = 'running'; portals = $portals; disks = $disks; targets = $targets; volumes = $volumes; files = $files })
