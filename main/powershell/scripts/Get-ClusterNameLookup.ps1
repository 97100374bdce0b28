<#
.SYNOPSIS
Looks a name up in DNS and in Active Directory, and reads what this account may create and write there.
.DESCRIPTION
A cluster's computer object is made in the container of its nodes, unless it was prestaged, disabled.
Pages: https://learn.microsoft.com/en-us/powershell/module/dnsclient/resolve-dnsname
https://learn.microsoft.com/en-us/windows-server/failover-clustering/prestage-cluster-adds
https://learn.microsoft.com/en-us/dotnet/api/system.directoryservices.directorysearcher
.PARAMETER Name
The name that the cluster is to have.
.OUTPUTS
inDomain, addresses[], object (distinguishedName, accountControl, servicePrincipalNames[], writable[]) or null, container (distinguishedName, classes[], creatable[]) or null
.NOTES
Needs an elevated session: no.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Name
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

function ConvertTo-FilterText {
    # RFC 4515: what means something in a filter is written by its number.
    param([string] $Text)
    $Text.Replace('\', '\5c').Replace('*', '\2a').Replace('(', '\28').Replace(')', '\29').Replace([string] [char] 0, '\00')
}

function Find-DirectoryObject {
    # The one object of the domain that a filter names, by its attributes; null where there is none.
    param([string] $Filter, [string[]] $Properties)
    # Another searcher stands here in tests.
    $type = 'Quorate.DirectorySearcher' -as [type]
    if ($null -eq $type) { $type = [System.DirectoryServices.DirectorySearcher] }
    $searcher = $type::new()
    try {
        $searcher.Filter = $Filter
        foreach ($property in $Properties) { $null = $searcher.PropertiesToLoad.Add($property) }
        $found = $searcher.FindOne()
        if ($null -eq $found) { return $null }
        $values = @{}
        foreach ($property in $Properties) { $values[$property] = ConvertTo-TextList $found.Properties[$property.ToLowerInvariant()] }
        $values
    }
    finally { $searcher.Dispose() }
}

function Get-ParentName {
    # A distinguished name without its first part; a comma in that is escaped.
    param([string] $DistinguishedName)
    $match = [regex]::Match($DistinguishedName, '^(?:[^,\\]|\\.)*,(.*)$')
    $match.Groups[1].Value
}

$system = Get-CimInstance -ClassName Win32_ComputerSystem
$isInDomain = [bool] $system.PartOfDomain
$addresses = Read-Part -AsList {
    # A name that is not there is an answer; a name server that gives none is not.
    try { $records = @(Resolve-DnsName -Name $Name -DnsOnly) }
    catch {
        if ($_.FullyQualifiedErrorId -notlike 'DNS_ERROR_RCODE_NAME_ERROR,*' -and $_.FullyQualifiedErrorId -notlike 'DNS_INFO_NO_RECORDS,*') { throw }
        $records = @()
    }
    foreach ($record in $records) {
        $address = Get-PropertyValue $record 'IPAddress'
        if ($null -ne $address) { [string] $address }
    }
}
$object = [ordered]@{ ok = $true; data = $null }
$container = [ordered]@{ ok = $true; data = $null }
if ($isInDomain) {
    $object = Read-Part {
        $found = Find-DirectoryObject "(&(objectCategory=computer)(sAMAccountName=$(ConvertTo-FilterText $Name)`$))" @('distinguishedName', 'userAccountControl', 'servicePrincipalName', 'allowedAttributesEffective')
        if ($null -ne $found) {
            [ordered]@{
                distinguishedName = [string] $found['distinguishedName'][0]
                accountControl = ConvertTo-Number ($found['userAccountControl'] | Select-Object -First 1)
                servicePrincipalNames = $found['servicePrincipalName']
                writable = $found['allowedAttributesEffective']
            }
        }
    }
    $container = Read-Part {
        $own = Find-DirectoryObject "(&(objectCategory=computer)(sAMAccountName=$(ConvertTo-FilterText $system.Name)`$))" @('distinguishedName')
        if ($null -ne $own) {
            $parent = Get-ParentName $own['distinguishedName'][0]
            $found = Find-DirectoryObject "(distinguishedName=$(ConvertTo-FilterText $parent))" @('allowedChildClasses', 'allowedChildClassesEffective')
            if ($null -ne $found) {
                [ordered]@{ distinguishedName = $parent; classes = $found['allowedChildClasses']; creatable = $found['allowedChildClassesEffective'] }
            }
        }
    }
}
Send-Result ([ordered]@{ inDomain = $isInDomain; addresses = $addresses; object = $object; container = $container })
