<#
.SYNOPSIS
Reads the cluster as this server sees it: one call for each kind of object.
.DESCRIPTION
Pages: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/get-cluster,
https://learn.microsoft.com/en-us/previous-versions/windows/desktop/mscs/ipv6-address-private-properties
.OUTPUTS
service, startMode, hasDatabase, cluster, nodes, networks, groups, owners, resources, parameters, partitions, quorum, sharedVolumes, availableDisks, localDisks
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
$database = Read-Part { Test-Path -LiteralPath "$env:SystemRoot\Cluster\CLUSDB" -PathType Leaf }
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
        resiliencyLevel = ConvertTo-EnumName (Get-PropertyValue $one 'ResiliencyLevel')
        resiliencyDefaultPeriod = ConvertTo-Number (Get-PropertyValue $one 'ResiliencyDefaultPeriod')
        sameSubnetDelay = ConvertTo-Number (Get-PropertyValue $one 'SameSubnetDelay')
        sameSubnetThreshold = ConvertTo-Number (Get-PropertyValue $one 'SameSubnetThreshold')
        crossSubnetDelay = ConvertTo-Number (Get-PropertyValue $one 'CrossSubnetDelay')
        crossSubnetThreshold = ConvertTo-Number (Get-PropertyValue $one 'CrossSubnetThreshold')
    }
}
$nodes = Read-Part -AsList {
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
$networks = Read-Part -AsList {
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
# What was read is asked about further without being read again.
$known = @{ groups = @(); resources = @(); volumes = @() }
$groups = Read-Part -AsList {
    $known.groups = @(Get-ClusterGroup)
    @($known.groups | ForEach-Object {
        [ordered]@{
            name = [string] $_.Name
            kind = ConvertTo-EnumName $_.GroupType
            ownerNode = [string] $_.OwnerNode.Name
            state = ConvertTo-EnumName $_.State
        }
    })
}
$owners = Read-Part -AsList {
    @($known.groups | Get-ClusterOwnerNode | ForEach-Object {
        [ordered]@{ group = [string] $_.ClusterObject.Name; nodes = ConvertTo-TextList @($_.OwnerNodes | ForEach-Object { [string] $_.Name }) }
    })
}
$resources = Read-Part -AsList {
    $known.resources = @(Get-ClusterResource)
    @($known.resources | ForEach-Object {
        [ordered]@{
            name = [string] $_.Name
            kind = [string] $_.ResourceType.Name
            group = [string] $_.OwnerGroup.Name
            ownerNode = [string] $_.OwnerNode.Name
            state = ConvertTo-EnumName $_.State
        }
    })
}
$volumes = Read-Part -AsList {
    $known.volumes = @(Get-ClusterSharedVolume)
    @($known.volumes | ForEach-Object {
        [ordered]@{
            name = [string] $_.Name
            ownerNode = [string] $_.OwnerNode.Name
            state = ConvertTo-EnumName $_.State
            path = [string] (@($_.SharedVolumeInfo)[0].FriendlyVolumeName)
        }
    })
}
$parameters = Read-Part -AsList {
    # Only what has them: a thousand virtual machines have many others.
    $holders = @($known.resources | Where-Object { 'Physical Disk', 'IP Address', 'IPv6 Address', 'File Share Witness', 'File Share Quorum Witness', 'Network Name', 'Distributed Network Name' -contains [string] $_.ResourceType.Name }) + $known.volumes
    # The networks that live migration is kept off, and those that it tries first; a cluster without Hyper-V has no such type.
    $holders += @(Get-ClusterResourceType | Where-Object { [string] $_.Name -eq 'Virtual Machine' })
    @($holders | Get-ClusterParameter -Name DiskIdGuid, DiskSignature, Address, SharePath, StatusKerberos, MigrationExcludeNetworks, MigrationNetworkOrder | ForEach-Object {
        $value = if ('Address', 'SharePath', 'StatusKerberos', 'MigrationExcludeNetworks', 'MigrationNetworkOrder' -contains $_.Name) { [string] $_.Value } else { ConvertTo-DiskKey $_.Value }
        [ordered]@{ resource = [string] $_.ClusterObject.Name; name = [string] $_.Name; value = $value }
    })
}
$partitions = Read-Part -AsList {
    # A node that does not own a disk does not see its volumes; the cluster knows their letters on whichever node they are.
    @(Get-CimInstance -Namespace root/MSCluster -ClassName MSCluster_ResourceToDiskPartition | ForEach-Object {
        [ordered]@{ resource = [string] $_.GroupComponent.Name; path = [string] $_.PartComponent.Path }
    })
}
$quorum = Read-Part {
    $settings = Get-ClusterQuorum
    if ($null -eq $settings.QuorumResource) { [ordered]@{ resource = $null; kind = $null } }
    else { [ordered]@{ resource = [string] $settings.QuorumResource.Name; kind = [string] $settings.QuorumResource.ResourceType.Name } }
}
$available = Read-Part -AsList { @(Get-ClusterAvailableDisk | ForEach-Object { ConvertTo-DiskKey $_.Id }) }
$local = Read-Part -AsList {
    @(Get-Disk | ForEach-Object {
        $key = ConvertTo-DiskKey $_.Guid
        if ($key -eq '') { $key = ConvertTo-DiskKey $_.Signature }
        [ordered]@{ uniqueId = [string] $_.UniqueId; key = $key; size = ConvertTo-Int64Text $_.Size }
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
    owners = $owners
    resources = $resources
    parameters = $parameters
    partitions = $partitions
    quorum = $quorum
    sharedVolumes = $volumes
    availableDisks = $available
    localDisks = $local
})
