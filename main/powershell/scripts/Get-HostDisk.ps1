<#
.SYNOPSIS
Reads all disks with their partitions and volumes.
.DESCRIPTION
Disks must be readable. Partitions, volumes, and the iSCSI sessions that lead to a disk are parts of their own. Numbers are taken raw: the module Storage shows
names in their place, which are not always those of the class. Without MPIO the class MPIO_DISK_INFO does not exist.
Pages: https://learn.microsoft.com/en-us/windows-hardware/drivers/storage/msft-disk, https://learn.microsoft.com/en-us/windows-hardware/drivers/storage/msft-partition, https://learn.microsoft.com/en-us/windows-hardware/drivers/storage/msft-volume, https://learn.microsoft.com/en-us/windows-hardware/drivers/storage/mpio-disk-info, https://learn.microsoft.com/en-us/powershell/module/storage/get-disk
.OUTPUTS
disks[]; parts partitions, volumes, paths (unique ids), multipath (true when the feature is installed)
.NOTES
Needs an elevated session: no, but what is on a disk is told to administrators only.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$disks = @(Get-Disk)
$partitions = Read-Part -AsList {
    foreach ($partition in Get-Partition) {
        $letter = [int] [char] $partition.DriveLetter
        [ordered]@{
            diskNumber = ConvertTo-Number $partition.DiskNumber
            partitionNumber = ConvertTo-Number $partition.PartitionNumber
            offsetBytes = ConvertTo-Int64Text $partition.Offset
            sizeBytes = ConvertTo-Int64Text $partition.Size
            gptType = Get-PropertyValue $partition 'GptType'
            mbrType = ConvertTo-Number (Get-CimRawValue $partition 'MbrType')
            guid = Get-PropertyValue $partition 'Guid'
            driveLetter = $(if ($letter -ge 65) { ([string] [char] $letter).ToUpperInvariant() } else { $null })
            accessPaths = ConvertTo-TextList $partition.AccessPaths
        }
    }
}
$volumes = Read-Part -AsList {
    foreach ($volume in Get-Volume) {
        $letter = [int] [char] $volume.DriveLetter
        [ordered]@{
            path = [string] $volume.Path
            driveLetter = $(if ($letter -ge 65) { ([string] [char] $letter).ToUpperInvariant() } else { $null })
            label = [string] $volume.FileSystemLabel
            fileSystem = [string] $volume.FileSystem
            sizeBytes = ConvertTo-Int64Text $volume.Size
            freeBytes = ConvertTo-Int64Text $volume.SizeRemaining
            healthStatus = ConvertTo-EnumName (Get-CimRawValue $volume 'HealthStatus') @{ 0 = 'Healthy'; 1 = 'Warning'; 2 = 'Unhealthy'; 3 = 'Unhealthy' }
        }
    }
}
# One unique id for each session that leads to a disk.
$paths = Read-Part -AsList {
    $service = Get-CimInstance -ClassName Win32_Service -Filter "Name='MSiSCSI'"
    if ($null -ne $service -and [string] $service.State -eq 'Running') {
        foreach ($session in Get-IscsiSession | Where-Object { $_.IsConnected }) {
            foreach ($disk in Get-Disk -iSCSISession $session) { [string] $disk.UniqueId }
        }
    }
}
$multipath = Read-Part {
    $feature = Get-WindowsFeature -Name Multipath-IO
    [string] $feature.InstallState -eq 'Installed'
}

Send-Result ([ordered]@{
    disks = @(foreach ($disk in $disks) {
        [ordered]@{
            uniqueId = Get-PropertyValue $disk 'UniqueId'
            uniqueIdFormat = ConvertTo-EnumName (Get-CimRawValue $disk 'UniqueIdFormat') @{ 0 = 'VendorSpecific'; 1 = 'VendorId'; 2 = 'EUI64'; 3 = 'FCPHName'; 8 = 'SCSINameString' }
            number = ConvertTo-Number $disk.Number
            serialNumber = Get-PropertyValue $disk 'SerialNumber'
            manufacturer = Get-PropertyValue $disk 'Manufacturer'
            model = Get-PropertyValue $disk 'Model'
            friendlyName = [string] $disk.FriendlyName
            sizeBytes = ConvertTo-Int64Text $disk.Size
            logicalSectorBytes = ConvertTo-Number $disk.LogicalSectorSize
            physicalSectorBytes = ConvertTo-Number $disk.PhysicalSectorSize
            busType = ConvertTo-EnumName (Get-CimRawValue $disk 'BusType') @{
                0 = 'Unknown'; 1 = 'SCSI'; 2 = 'ATAPI'; 3 = 'ATA'; 4 = '1394'; 5 = 'SSA'; 6 = 'Fibre Channel'; 7 = 'USB'; 8 = 'RAID'; 9 = 'iSCSI'; 10 = 'SAS'; 11 = 'SATA'
                12 = 'SD'; 13 = 'MMC'; 14 = 'Virtual'; 15 = 'File Backed Virtual'; 16 = 'Storage Spaces'; 17 = 'NVMe'; 18 = 'SCM'; 19 = 'UFS'
            }
            isBoot = [bool] $disk.IsBoot
            isSystem = [bool] $disk.IsSystem
            isClustered = [bool] $disk.IsClustered
            isOffline = [bool] $disk.IsOffline
            offlineReason = ConvertTo-EnumName (Get-CimRawValue $disk 'OfflineReason') @{
                1 = 'Policy'; 2 = 'Redundant Path'; 3 = 'Snapshot'; 4 = 'Collision'; 5 = 'Resource Exhaustion'; 6 = 'Critical Write Failures'; 7 = 'Data Integrity Scan Required'
            }
            isReadOnly = [bool] $disk.IsReadOnly
            healthStatus = ConvertTo-EnumName (Get-CimRawValue $disk 'HealthStatus') @{ 0 = 'Healthy'; 1 = 'Warning'; 2 = 'Unhealthy'; 5 = 'Unknown' }
            partitionStyle = ConvertTo-EnumName (Get-CimRawValue $disk 'PartitionStyle') @{ 0 = 'RAW'; 1 = 'MBR'; 2 = 'GPT' }
            largestFreeExtentBytes = ConvertTo-Int64Text (Get-PropertyValue $disk 'LargestFreeExtent')
        }
    })
    partitions = $partitions
    volumes = $volumes
    paths = $paths
    multipath = $multipath
})
