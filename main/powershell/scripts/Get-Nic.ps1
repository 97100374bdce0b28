<#
.SYNOPSIS
Reads all network adapters with everything that belongs to them.
.DESCRIPTION
One reading of each source for all adapters; the caller joins them. Adapters must be readable, every other source is a part of its own.
Pages: https://learn.microsoft.com/en-us/powershell/module/netadapter/, https://learn.microsoft.com/en-us/powershell/module/nettcpip/,
https://learn.microsoft.com/en-us/powershell/module/dnsclient/, https://learn.microsoft.com/en-us/powershell/module/netlbfo/,
https://learn.microsoft.com/en-us/windows/win32/cimwin32prov/win32-networkadapterconfiguration
NetBIOS of an adapter without an IP stack in use is not in Win32_NetworkAdapterConfiguration and is read from NetBT's parameters in the registry.
.OUTPUTS
adapters[]; parts bindings, addresses, interfaces, routes, dnsServers, dnsClients, netbios, advanced, power, teamMembers, teamNics, hostPorts, switches,
profiles: lists that name their adapter by interfaceIndex, name or interfaceGuid
.NOTES
Needs an elevated session: no, but some drivers tell their properties to administrators only.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$operational = @{ 1 = 'Up'; 2 = 'Down'; 3 = 'Testing'; 4 = 'Unknown'; 5 = 'Dormant'; 6 = 'NotPresent'; 7 = 'LowerLayerDown' }
$families = @{ 2 = 'IPv4'; 23 = 'IPv6' }
$adapters = @(Get-NetAdapter)

$bindings = Read-Part -AsList {
    foreach ($binding in Get-NetAdapterBinding) {
        [ordered]@{ name = [string] $binding.Name; componentId = [string] $binding.ComponentID; enabled = [bool] $binding.Enabled }
    }
}
$addresses = Read-Part -AsList {
    foreach ($address in Get-NetIPAddress) {
        [ordered]@{
            interfaceIndex = ConvertTo-Number $address.InterfaceIndex
            address = [string] $address.IPAddress
            prefixLength = ConvertTo-Number $address.PrefixLength
            family = ConvertTo-EnumName $address.AddressFamily $families
            origin = ConvertTo-EnumName $address.PrefixOrigin @{ 0 = 'Other'; 1 = 'Manual'; 2 = 'WellKnown'; 3 = 'Dhcp'; 4 = 'RouterAdvertisement' }
            state = ConvertTo-EnumName $address.AddressState @{ 0 = 'Invalid'; 1 = 'Tentative'; 2 = 'Duplicate'; 3 = 'Deprecated'; 4 = 'Preferred' }
            skipAsSource = [bool] $address.SkipAsSource
        }
    }
}
$interfaces = Read-Part -AsList {
    foreach ($interface in Get-NetIPInterface) {
        [ordered]@{
            interfaceIndex = ConvertTo-Number $interface.InterfaceIndex
            family = ConvertTo-EnumName $interface.AddressFamily $families
            dhcp = ConvertTo-EnumName $interface.Dhcp @{ 0 = 'Disabled'; 1 = 'Enabled' }
            mtuBytes = ConvertTo-Number $interface.NlMtu
        }
    }
}
$routes = Read-Part -AsList {
    $defaults = Get-NetRoute | Where-Object { $_.DestinationPrefix -eq '0.0.0.0/0' -or $_.DestinationPrefix -eq '::/0' }
    foreach ($route in $defaults) {
        [ordered]@{
            interfaceIndex = ConvertTo-Number $route.InterfaceIndex
            family = ConvertTo-EnumName $route.AddressFamily $families
            nextHop = [string] $route.NextHop
            metric = ConvertTo-Number $route.RouteMetric
        }
    }
}
$dnsServers = Read-Part -AsList {
    foreach ($list in Get-DnsClientServerAddress) {
        [ordered]@{
            interfaceIndex = ConvertTo-Number $list.InterfaceIndex
            family = ConvertTo-EnumName $list.AddressFamily $families
            servers = ConvertTo-TextList $list.ServerAddresses
        }
    }
}
$dnsClients = Read-Part -AsList {
    foreach ($client in Get-DnsClient) {
        [ordered]@{ interfaceIndex = ConvertTo-Number $client.InterfaceIndex; registers = [bool] $client.RegisterThisConnectionsAddress }
    }
}
$netbios = Read-Part -AsList {
    foreach ($configuration in Get-CimInstance -ClassName Win32_NetworkAdapterConfiguration) {
        if (-not $configuration.SettingID) { continue }
        $option = $configuration.TcpipNetbiosOptions
        if ($null -eq $option) {
            $answer = Invoke-CimMethod -ClassName StdRegProv -Namespace 'root\default' -MethodName GetDWORDValue -Arguments @{
                hDefKey = [uint32] 2147483650; sValueName = 'NetbiosOptions'
                sSubKeyName = "SYSTEM\CurrentControlSet\Services\NetBT\Parameters\Interfaces\Tcpip_$($configuration.SettingID)"
            }
            if ($answer.ReturnValue -eq 0) { $option = $answer.uValue }
        }
        [ordered]@{
            interfaceGuid = [string] $configuration.SettingID
            setting = ConvertTo-EnumName $option @{ 0 = 'Default'; 1 = 'Enabled'; 2 = 'Disabled' }
        }
    }
}
$advanced = Read-Part -AsList {
    foreach ($property in Get-NetAdapterAdvancedProperty | Where-Object { $_.RegistryKeyword -eq '*JumboPacket' }) {
        [ordered]@{
            name = [string] $property.Name
            value = [string] @($property.RegistryValue)[0]
            values = ConvertTo-TextList $property.ValidRegistryValues
            least = [string] (Get-PropertyValue $property 'NumericParameterMinValue')
            most = [string] (Get-PropertyValue $property 'NumericParameterMaxValue')
        }
    }
}
$power = Read-Part -AsList {
    foreach ($setting in Get-NetAdapterPowerManagement) {
        [ordered]@{
            name = [string] $setting.Name
            allowed = ConvertTo-EnumName (Get-PropertyValue $setting 'AllowComputerToTurnOffDevice') @{ 0 = 'Unsupported'; 1 = 'Disabled'; 2 = 'Enabled' }
        }
    }
}
$teamMembers = Read-Part -AsList {
    foreach ($member in Get-NetLbfoTeamMember) { [ordered]@{ name = [string] $member.Name; team = [string] $member.Team } }
}
$teamNics = Read-Part -AsList {
    foreach ($nic in Get-NetLbfoTeamNic) { [ordered]@{ name = [string] $nic.Name; team = [string] $nic.Team } }
}
$hostPorts = Read-Part -AsList {
    foreach ($port in Get-VMNetworkAdapter -ManagementOS) {
        [ordered]@{ interfaceGuid = [string] $port.DeviceId; switchName = [string] $port.SwitchName }
    }
}
$switches = Read-Part -AsList {
    foreach ($switch in Get-VMSwitch) {
        [ordered]@{ name = [string] $switch.Name; descriptions = ConvertTo-TextList $switch.NetAdapterInterfaceDescriptions }
    }
}
$profiles = Read-Part -AsList {
    foreach ($network in Get-NetConnectionProfile) {
        [ordered]@{
            interfaceIndex = ConvertTo-Number $network.InterfaceIndex
            category = ConvertTo-EnumName $network.NetworkCategory @{ 0 = 'Public'; 1 = 'Private'; 2 = 'DomainAuthenticated' }
        }
    }
}

Send-Result ([ordered]@{
    adapters = @(foreach ($adapter in $adapters) {
        [ordered]@{
            interfaceGuid = [string] $adapter.InterfaceGuid
            interfaceIndex = ConvertTo-Number $adapter.InterfaceIndex
            name = [string] $adapter.Name
            description = [string] $adapter.InterfaceDescription
            componentId = [string] (Get-PropertyValue $adapter 'ComponentID')
            permanentAddress = [string] $adapter.PermanentAddress
            macAddress = [string] (Get-PropertyValue $adapter 'MacAddress')
            isHardware = [bool] $adapter.HardwareInterface
            isVirtual = [bool] $adapter.Virtual
            driverProvider = Get-PropertyValue $adapter 'DriverProvider'
            driverVersion = Get-PropertyValue $adapter 'DriverVersionString'
            driverDate = Get-PropertyValue $adapter 'DriverDate'
            driverFileName = Get-PropertyValue $adapter 'DriverFileName'
            adminStatus = ConvertTo-EnumName $adapter.InterfaceAdminStatus @{ 1 = 'Up'; 2 = 'Down'; 3 = 'Testing' }
            operationalStatus = ConvertTo-EnumName $adapter.InterfaceOperationalStatus $operational
            mediaState = ConvertTo-EnumName $adapter.MediaConnectState @{ 0 = 'Unknown'; 1 = 'Connected'; 2 = 'Disconnected' }
            receiveLinkSpeedBps = ConvertTo-Int64Text $adapter.ReceiveLinkSpeed
            transmitLinkSpeedBps = ConvertTo-Int64Text $adapter.TransmitLinkSpeed
        }
    })
    bindings = $bindings
    addresses = $addresses
    interfaces = $interfaces
    routes = $routes
    dnsServers = $dnsServers
    dnsClients = $dnsClients
    netbios = $netbios
    advanced = $advanced
    power = $power
    teamMembers = $teamMembers
    teamNics = $teamNics
    hostPorts = $hostPorts
    switches = $switches
    profiles = $profiles
})
