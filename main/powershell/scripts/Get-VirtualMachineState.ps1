<#
.SYNOPSIS
Reads virtual switches and virtual machines with their files, and the roles that they are.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/hyper-v/get-vm
.OUTPUTS
isRunning, processor, switches, machines, disks, adapters, drives, floppies, processors, groups, nodes, owners, possible, sets, netAdapters, each a part
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$service = @(Get-CimInstance -ClassName Win32_Service -Filter "Name='vmms'")
if ($service.Count -eq 0 -or $service[0].State -ne 'Running') {
    Send-Result ([ordered]@{ isRunning = $false; processor = $null; switches = $null; machines = $null; disks = $null; adapters = $null; drives = $null; floppies = $null; processors = $null; groups = $null; nodes = $null; owners = $null; possible = $null; sets = $null; netAdapters = $null })
    return
}
$processor = Read-Part { [string] @(Get-CimInstance -ClassName Win32_Processor)[0].Name }
$switches = Read-Part -AsList {
    @(Get-VMSwitch | ForEach-Object {
        [ordered]@{
            name = [string] $_.Name
            kind = ConvertTo-EnumName $_.SwitchType
            hasHostNic = [bool] $_.AllowManagementOS
            descriptions = ConvertTo-TextList (Get-PropertyValue $_ 'NetAdapterInterfaceDescriptions')
        }
    })
}
$netAdapters = Read-Part -AsList { @(Get-NetAdapter | ForEach-Object { [ordered]@{ guid = [string] $_.InterfaceGuid; description = [string] $_.InterfaceDescription } }) }
# What was read is asked about further without being read again.
$known = @{ machines = @(); groups = @(); resources = @() }
$machines = Read-Part -AsList {
    $known.machines = @(Get-VM)
    @($known.machines | ForEach-Object {
        [ordered]@{
            name = [string] $_.Name
            id = [string] $_.Id
            host = [string] $_.ComputerName
            state = ConvertTo-EnumName $_.State
            generation = ConvertTo-Number $_.Generation
            memory = ConvertTo-Int64Text $_.MemoryStartup
            configuration = [string] $_.ConfigurationLocation
            checkpoints = [string] $_.SnapshotFileLocation
            paging = [string] $_.SmartPagingFilePath
        }
    })
}
$disks = Read-Part -AsList {
    @($known.machines | Get-VMHardDiskDrive | ForEach-Object {
        [ordered]@{ machine = [string] $_.VMName; path = [string] $_.Path; number = ConvertTo-Number (Get-PropertyValue $_ 'DiskNumber') }
    })
}
$adapters = Read-Part -AsList { @($known.machines | Get-VMNetworkAdapter | ForEach-Object { [ordered]@{ machine = [string] $_.VMName; switch = [string] $_.SwitchName } }) }
$drives = Read-Part -AsList { @($known.machines | Get-VMDvdDrive | ForEach-Object { [ordered]@{ machine = [string] $_.VMName; path = [string] $_.Path } }) }
# Machines of generation 2 have no floppy drive.
$floppies = Read-Part -AsList {
    @($known.machines | Where-Object { $_.Generation -eq 1 } | Get-VMFloppyDiskDrive | ForEach-Object { [ordered]@{ machine = [string] $_.VMName; path = [string] $_.Path } })
}
$processors = Read-Part -AsList {
    @($known.machines | Get-VMProcessor | ForEach-Object { [ordered]@{ machine = [string] $_.VMName; isCompatible = [bool] $_.CompatibilityForMigrationEnabled } })
}
$clusterService = @(Get-CimInstance -ClassName Win32_Service -Filter "Name='ClusSvc'")
$groups = $null
$nodes = $null
$owners = $null
$possible = $null
$sets = $null
if ($clusterService.Count -gt 0 -and $clusterService[0].State -eq 'Running') {
    $groups = Read-Part -AsList {
        $known.groups = @(Get-ClusterGroup | Where-Object { [string] $_.GroupType -eq 'VirtualMachine' })
        @($known.groups | ForEach-Object {
            [ordered]@{
                name = [string] $_.Name
                ownerNode = [string] $_.OwnerNode.Name
                state = ConvertTo-EnumName $_.State
                priority = ConvertTo-Number $_.Priority
                antiAffinity = ConvertTo-TextList $_.AntiAffinityClassNames
            }
        })
    }
    $nodes = Read-Part -AsList { @(Get-ClusterNode | ForEach-Object { [string] $_.Name }) }
    $owners = Read-Part -AsList {
        @($known.groups | Get-ClusterOwnerNode | ForEach-Object {
            [ordered]@{ group = [string] $_.ClusterObject.Name; nodes = ConvertTo-TextList @($_.OwnerNodes | ForEach-Object { [string] $_.Name }) }
        })
    }
    $sets = Read-Part -AsList {
        @(Get-ClusterGroupSet | ForEach-Object {
            [ordered]@{
                name = [string] $_.Name
                machines = ConvertTo-TextList $_.GroupNames
                after = ConvertTo-TextList $_.ProviderNames
                ready = ConvertTo-EnumName $_.StartupDelayTrigger @{ 1 = 'Delay'; 2 = 'Online' }
                delaySeconds = ConvertTo-Number $_.StartupDelay
            }
        })
    }
    # Possible owners are those of each resource of the group, not of the group.
    $possible = Read-Part -AsList {
        $known.resources = @(Get-ClusterResource | Where-Object { [string] $_.ResourceType.Name -like 'Virtual Machine*' })
        $groupOf = @{}
        foreach ($resource in $known.resources) { $groupOf[[string] $resource.Name] = [string] $resource.OwnerGroup.Name }
        @($known.resources | Get-ClusterOwnerNode | ForEach-Object {
            [ordered]@{ group = $groupOf[[string] $_.ClusterObject.Name]; nodes = ConvertTo-TextList @($_.OwnerNodes | ForEach-Object { [string] $_.Name }) }
        })
    }
}
Send-Result ([ordered]@{ isRunning = $true; processor = $processor; switches = $switches; machines = $machines; disks = $disks; adapters = $adapters; drives = $drives; floppies = $floppies; processors = $processors; groups = $groups; nodes = $nodes; owners = $owners; possible = $possible; sets = $sets; netAdapters = $netAdapters })
