<#
.SYNOPSIS
Reads devices of the host that virtual machines have: partitions of graphics processors, and PCI Express devices.
.DESCRIPTION
Apart from Get-VirtualMachineState, because older servers do not have these commands.
Pages: https://learn.microsoft.com/en-us/powershell/module/hyper-v/get-vmgpupartitionadapter,
https://learn.microsoft.com/en-us/powershell/module/hyper-v/get-vmassignabledevice
.OUTPUTS
partitions, devices, each a part
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$partitions = Read-Part -AsList { @(Get-VM | Get-VMGpuPartitionAdapter | ForEach-Object { [ordered]@{ machine = [string] $_.VMName } }) }
$devices = Read-Part -AsList {
    @(Get-VM | Get-VMAssignableDevice | ForEach-Object { [ordered]@{ machine = [string] $_.VMName; path = [string] (Get-PropertyValue $_ 'LocationPath') } })
}
Send-Result ([ordered]@{ partitions = $partitions; devices = $devices })
