<#
.SYNOPSIS
Reads which disks each connected session of the iSCSI initiator leads to.
.DESCRIPTION
With MPIO one disk is told by each of its sessions. The number of the unit at its target is not told: Windows shows it of a path, and not of a disk that MPIO made.
Pages: https://learn.microsoft.com/en-us/powershell/module/storage/get-disk, https://learn.microsoft.com/en-us/powershell/module/iscsi/get-iscsisession, https://learn.microsoft.com/en-us/windows-hardware/drivers/storage/msft-disk
.OUTPUTS
running; sessions[] with sessionIdentifier and the part disks
.NOTES
Needs an elevated session: no.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$service = Get-CimInstance -ClassName Win32_Service -Filter "Name='MSiSCSI'"
$running = $null -ne $service -and [string] $service.State -eq 'Running'
$sessions = @()
if ($running) {
    $sessions = @(foreach ($session in Get-IscsiSession | Where-Object { $_.IsConnected }) {
        [ordered]@{
            sessionIdentifier = [string] $session.SessionIdentifier
            disks = Read-Part -AsList {
                foreach ($disk in Get-Disk -iSCSISession $session) {
                    [ordered]@{
                        uniqueId = Get-PropertyValue $disk 'UniqueId'
                        uniqueIdFormat = ConvertTo-EnumName (Get-CimRawValue $disk 'UniqueIdFormat') @{ 0 = 'VendorSpecific'; 1 = 'VendorId'; 2 = 'EUI64'; 3 = 'FCPHName'; 8 = 'SCSINameString' }
                        serialNumber = Get-PropertyValue $disk 'SerialNumber'
                        sizeBytes = ConvertTo-Int64Text $disk.Size
                    }
                }
            }
        }
    })
}
Send-Result ([ordered]@{ running = $running; sessions = $sessions })
