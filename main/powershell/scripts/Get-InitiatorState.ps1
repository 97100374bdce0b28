<#
.SYNOPSIS
Reads everything about the iSCSI initiator of Windows.
.DESCRIPTION
The service and the firewall rules always; the rest only while the service runs, each as a part of its own. Favourites and bound volumes are in the
initiator's classes of root\wmi; a favourite names its source by the number of an initiator port, and MSiSCSI_PortalInfoClass says which
address that port has (0xFFFFFFFF: any). ISCSI_LOGIN_FLAG_MULTIPATH_ENABLED is 2.
Pages: https://learn.microsoft.com/en-us/powershell/module/iscsi/, https://learn.microsoft.com/en-us/powershell/module/netsecurity/get-netfirewallrule,
https://learn.microsoft.com/en-us/previous-versions/windows/desktop/iscsidisc/msiscsiinitiator-persistentloginclass,
https://learn.microsoft.com/en-us/previous-versions/windows/desktop/iscsidisc/msiscsiinitiator-persistentdevices,
https://learn.microsoft.com/en-us/windows-hardware/drivers/storage/msiscsi-portalinfoclass-wmi-class
.OUTPUTS
service {state, startMode} or null; running; parts firewallRules, iqn, portals, targets, sessions, favourites, boundVolumes
.NOTES
Needs an elevated session: yes, for root\wmi.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

function ConvertTo-BlankAsNull {
    param($Value)
    if ([string]::IsNullOrWhiteSpace([string] $Value)) { $null } else { [string] $Value }
}

function ConvertTo-SessionConnection {
    param($Session)
    foreach ($connection in Get-IscsiConnection -IscsiSession $Session) {
        [ordered]@{
            connectionIdentifier = [string] $connection.ConnectionIdentifier
            initiatorAddress = [string] $connection.InitiatorAddress
            initiatorPort = ConvertTo-Number $connection.InitiatorPortNumber
            targetAddress = [string] $connection.TargetAddress
            targetPort = ConvertTo-Number $connection.TargetPortNumber
        }
    }
}

function Get-InitiatorPortAddress {
    # Number of the initiator port to its address.
    $addresses = @{}
    foreach ($initiator in Get-CimInstance -Namespace 'root\wmi' -ClassName MSiSCSI_PortalInfoClass) {
        foreach ($portal in @($initiator.PortalInformation)) {
            $address = $null
            # ISCSI_IP_Address.Type: 0 text, 1 IPv4, 2 IPv6, 3 empty. The IPv4 address is a number whose lowest byte comes first.
            switch ([int] $portal.IPAddr.Type) {
                0 { $address = [string] $portal.IPAddr.TextAddress }
                1 { $address = [System.Net.IPAddress]::new([System.BitConverter]::GetBytes([uint32] $portal.IPAddr.IpV4Address)).ToString() }
                2 { $address = [System.Net.IPAddress]::new([byte[]] $portal.IPAddr.IpV6Address).ToString() }
            }
            if ($address) { $addresses["$($initiator.InstanceName)|$($portal.Index)"] = $address }
        }
    }
    $addresses
}

$service = Get-CimInstance -ClassName Win32_Service -Filter "Name='MSiSCSI'"
$projected = $null
$running = $false
if ($null -ne $service) {
    $projected = [ordered]@{ state = [string] $service.State; startMode = [string] $service.StartMode }
    $running = [string] $service.State -eq 'Running'
}

$firewallRules = Read-Part -AsList {
    # The group by its resource: names and groups that are shown depend on the language.
    foreach ($rule in Get-NetFirewallRule -Group '@FirewallAPI.dll,-29002') {
        [ordered]@{
            name = [string] $rule.Name
            direction = ConvertTo-EnumName $rule.Direction @{ 1 = 'Inbound'; 2 = 'Outbound' }
            enabled = (ConvertTo-EnumName $rule.Enabled @{ 1 = 'True'; 2 = 'False' }) -eq 'True'
            action = ConvertTo-EnumName $rule.Action @{ 0 = 'NotConfigured'; 2 = 'Allow'; 4 = 'Block' }
            profiles = ConvertTo-EnumName $rule.Profile @{
                0 = 'Any'; 1 = 'Domain'; 2 = 'Private'; 3 = 'Domain, Private'; 4 = 'Public'; 5 = 'Domain, Public'; 6 = 'Private, Public'; 7 = 'Domain, Private, Public'
            }
        }
    }
}

$result = [ordered]@{ service = $projected; running = $running; firewallRules = $firewallRules }
if ($running) {
    $result.iqn = Read-Part {
        $port = Get-InitiatorPort | Where-Object { (ConvertTo-EnumName (Get-CimRawValue $_ 'ConnectionType') @{ 2 = 'iSCSI' }) -eq 'iSCSI' }
        ConvertTo-BlankAsNull (Get-PropertyValue @($port)[0] 'NodeAddress')
    }
    $result.portals = Read-Part -AsList {
        foreach ($portal in Get-IscsiTargetPortal) {
            [ordered]@{
                targetPortalAddress = [string] $portal.TargetPortalAddress
                targetPortalPort = ConvertTo-Number $portal.TargetPortalPortNumber
                initiatorPortalAddress = ConvertTo-BlankAsNull $portal.InitiatorPortalAddress
                initiatorInstanceName = ConvertTo-BlankAsNull $portal.InitiatorInstanceName
                isHeaderDigest = [bool] $portal.IsHeaderDigest
                isDataDigest = [bool] $portal.IsDataDigest
            }
        }
    }
    $result.targets = Read-Part -AsList {
        foreach ($target in Get-IscsiTarget) { [ordered]@{ nodeAddress = [string] $target.NodeAddress; isConnected = [bool] $target.IsConnected } }
    }
    $result.sessions = Read-Part -AsList {
        foreach ($session in Get-IscsiSession) {
            [ordered]@{
                sessionIdentifier = [string] $session.SessionIdentifier
                targetNodeAddress = [string] $session.TargetNodeAddress
                initiatorNodeAddress = [string] $session.InitiatorNodeAddress
                initiatorPortalAddress = ConvertTo-BlankAsNull $session.InitiatorPortalAddress
                initiatorInstanceName = ConvertTo-BlankAsNull $session.InitiatorInstanceName
                initiatorSideIdentifier = [string] $session.InitiatorSideIdentifier
                targetSideIdentifier = [string] $session.TargetSideIdentifier
                authenticationType = ConvertTo-BlankAsNull $session.AuthenticationType
                isConnected = [bool] $session.IsConnected
                isPersistent = [bool] $session.IsPersistent
                isDiscovered = [bool] $session.IsDiscovered
                isHeaderDigest = [bool] $session.IsHeaderDigest
                isDataDigest = [bool] $session.IsDataDigest
                connections = Read-Part -AsList { ConvertTo-SessionConnection $session }
            }
        }
    }
    $result.favourites = Read-Part -AsList {
        $addresses = Get-InitiatorPortAddress
        foreach ($login in Get-CimInstance -Namespace 'root\wmi' -ClassName MSiSCSIInitiator_PersistentLoginClass) {
            $source = $null
            $port = [uint32] $login.InitiatorPortNumber
            if ($port -ne [uint32]::MaxValue) {
                $source = $addresses["$($login.InitiatorInstance)|$port"]
                if (-not $source) {
                    Stop-Script -Id 'Quorate.InitiatorPortUnknown' -Category ObjectNotFound -Message "The initiator port $port of a favourite has no address." -Target ([string] $port)
                }
            }
            [ordered]@{
                targetNodeAddress = [string] $login.TargetName
                initiatorPortalAddress = $source
                targetPortalAddress = ConvertTo-BlankAsNull $login.TargetPortal.Address
                targetPortalPort = ConvertTo-Number $login.TargetPortal.Port
                isMultipathEnabled = ([uint32] $login.LoginOptions.LoginFlags -band 2) -ne 0
            }
        }
    }
    $result.boundVolumes = Read-Part -AsList {
        foreach ($device in Get-CimInstance -Namespace 'root\wmi' -ClassName MSiSCSIInitiator_PersistentDevices) { [string] $device.DevicePath }
    }
}
Send-Result $result
