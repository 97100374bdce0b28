<#
.SYNOPSIS
Reads the cluster as this server sees it: one call for each kind of object.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/get-cluster
.OUTPUTS
service, startMode, hasDatabase, cluster, nodes, networks, groups, resources, parameters, quorum, sharedVolumes, availableDisks, localDisks
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$service = @(Get-CimInstance -ClassName Win32_Service -Filter "Name='ClusSvc'")
$state = if ($service.Count -eq 0) { 'absent' } elseif ($service[0].State -eq 'Running') { 'running' } else { 'stopped' }
$startMode = if ($service.Count -eq 0) { $null } else { [string] $service[0].StartMode }
# What a creation that failed leaves behind: the cluster's database without a service that would start with it.
$database = Read-Part { [System.IO.File]::Exists((Join-Path $env:SystemRoot 'Cluster\CLUSDB')) }
if ($state -ne 'running') {
    Send-Result ([ordered]@{ service = $state; startMode = $startMode; hasDatabase = $database; cluster = $null })
    return
}
$cluster = Read-Part {
    $one = Get-Cluster
    [ordered]@{
        name = [string] $one.Name
        accessPoint = ConvertTo-EnumName $one.AdministrativeAccessPoint
        functionalLevel = ConvertTo-Number (Get-PropertyValue $one 'ClusterFunctionalLevel')
        dynamicQuorum = ConvertTo-Number (Get-PropertyValue $one 'DynamicQuorum')
        witnessDynamicWeight = ConvertTo-Number (Get-PropertyValue $one 'WitnessDynamicWeight')
        lowerQuorumPriorityNodeId = ConvertTo-Number (Get-PropertyValue $one 'LowerQuorumPriorityNodeId')
    }
}
$nodes = Read-Part {
    @(Get-ClusterNode | ForEach-Object {
        [ordered]@{
            name = [string] $_.Name
            id = [string] $_.Id
            state = ConvertTo-EnumName $_.State
            status = ConvertTo-EnumName (Get-PropertyValue $_ 'StatusInformation')
            assignedVote = ConvertTo-Number $_.NodeWeight
            currentVote = ConvertTo-Number $_.DynamicWeight
        }
    })
}
$networks = Read-Part {
    @(Get-ClusterNetwork | ForEach-Object {
        [ordered]@{
            id = [string] $_.Id
            name = [string] $_.Name
            role = ConvertTo-EnumName $_.Role
            metric = ConvertTo-Number $_.Metric
            autoMetric = [bool] $_.AutoMetric
            address = [string] $_.Address
            addressMask = [string] $_.AddressMask
            state = ConvertTo-EnumName $_.State
        }
    })
}
$groups = Read-Part {
    @(Get-ClusterGroup | ForEach-Object {
        [ordered]@{
            name = [string] $_.Name
            kind = ConvertTo-EnumName $_.GroupType
            ownerNode = [string] $_.OwnerNode.Name
            state = ConvertTo-EnumName $_.State
        }
    })
}
$resources = Read-Part {
    @(Get-ClusterResource | ForEach-Object {
        [ordered]@{
            name = [string] $_.Name
            kind = [string] $_.ResourceType.Name
            group = [string] $_.OwnerGroup.Name
            ownerNode = [string] $_.OwnerNode.Name
            state = ConvertTo-EnumName $_.State
        }
    })
}
$parameters = Read-Part {
    @(Get-ClusterResource | Get-ClusterParameter | Where-Object { $_.Name -eq 'DiskIdGuid' -or $_.Name -eq 'Address' } | ForEach-Object {
        [ordered]@{ resource = [string] $_.ClusterObject.Name; name = [string] $_.Name; value = [string] $_.Value }
    })
}
$quorum = Read-Part {
    $settings = Get-ClusterQuorum
    if ($null -eq $settings.QuorumResource) { [ordered]@{ resource = $null; kind = $null } }
    else { [ordered]@{ resource = [string] $settings.QuorumResource.Name; kind = [string] $settings.QuorumResource.ResourceType.Name } }
}
$volumes = Read-Part {
    @(Get-ClusterSharedVolume | ForEach-Object {
        $guid = Get-ClusterParameter -InputObject $_ -Name DiskIdGuid
        [ordered]@{
            name = [string] $_.Name
            ownerNode = [string] $_.OwnerNode.Name
            state = ConvertTo-EnumName $_.State
            diskGuid = [string] $guid.Value
            path = [string] (@($_.SharedVolumeInfo)[0].FriendlyVolumeName)
        }
    })
}
$available = Read-Part { @(Get-ClusterAvailableDisk | ForEach-Object { [string] $_.Id }) }
$local = Read-Part {
    @(Get-Disk | ForEach-Object {
        [ordered]@{ uniqueId = [string] $_.UniqueId; guid = [string] $_.Guid; size = ConvertTo-Int64Text $_.Size }
    })
}
Send-Result ([ordered]@{
    service = $state
    startMode = $startMode
    hasDatabase = $database
    cluster = $cluster
    nodes = $nodes
    networks = $networks
    groups = $groups
    resources = $resources
    parameters = $parameters
    quorum = $quorum
    sharedVolumes = $volumes
    availableDisks = $available
    localDisks = $local
})
