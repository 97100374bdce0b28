<#
.SYNOPSIS
Logs on to a target over one path.
.DESCRIPTION
By the target's name, because only then a logon can be made persistent. A second call makes a second session.
Pages: https://learn.microsoft.com/en-us/powershell/module/iscsi/connect-iscsitarget, https://learn.microsoft.com/en-us/powershell/module/iscsi/get-iscsiconnection
.PARAMETER TargetNodeAddress
The target.
.PARAMETER InitiatorPortalAddress
The source address.
.PARAMETER TargetPortalAddress
The portal.
.PARAMETER TargetPortalPort
Its TCP port.
.PARAMETER IsPersistent
True: Windows repeats the logon at each start.
.PARAMETER IsMultipathEnabled
True: further sessions to this target are allowed.
.PARAMETER IsHeaderDigest
True: CRC32C over headers.
.PARAMETER IsDataDigest
True: CRC32C over data.
.PARAMETER Authentication
kind (none, oneWayChap, mutualChap), userName, secret.
.OUTPUTS
the session as Windows reported it, with its connections as a part
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $TargetNodeAddress,
    [Parameter(Mandatory = $true)] [string] $InitiatorPortalAddress,
    [Parameter(Mandatory = $true)] [string] $TargetPortalAddress,
    [Parameter(Mandatory = $true)] [uint16] $TargetPortalPort,
    [Parameter(Mandatory = $true)] [bool] $IsPersistent,
    [Parameter(Mandatory = $true)] [bool] $IsMultipathEnabled,
    [bool] $IsHeaderDigest = $false,
    [bool] $IsDataDigest = $false,
    [Parameter(Mandatory = $true)] [hashtable] $Authentication
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$parameters = @{
    NodeAddress = $TargetNodeAddress
    InitiatorPortalAddress = $InitiatorPortalAddress
    TargetPortalAddress = $TargetPortalAddress
    TargetPortalPortNumber = $TargetPortalPort
    IsPersistent = $IsPersistent
    IsMultipathEnabled = $IsMultipathEnabled
    IsHeaderDigest = $IsHeaderDigest
    IsDataDigest = $IsDataDigest
}
if ($Authentication['kind'] -eq 'none') { $session = Connect-IscsiTarget @parameters }
else {
    if ($Authentication['kind'] -eq 'mutualChap') { $parameters.AuthenticationType = 'MUTUALCHAP' } else { $parameters.AuthenticationType = 'ONEWAYCHAP' }
    $parameters.ChapUsername = [string] $Authentication['userName']
    $session = Connect-IscsiTarget @parameters -ChapSecret (ConvertFrom-Secret $Authentication['secret'])
}
$connections = Read-Part -AsList {
    foreach ($connection in Get-IscsiConnection -IscsiSession $session) {
        [ordered]@{
            connectionIdentifier = [string] $connection.ConnectionIdentifier
            initiatorAddress = [string] $connection.InitiatorAddress
            initiatorPort = ConvertTo-Number $connection.InitiatorPortNumber
            targetAddress = [string] $connection.TargetAddress
            targetPort = ConvertTo-Number $connection.TargetPortNumber
        }
    }
}
$source = $null
if (-not [string]::IsNullOrWhiteSpace([string] $session.InitiatorPortalAddress)) { $source = [string] $session.InitiatorPortalAddress }
$instance = $null
if (-not [string]::IsNullOrWhiteSpace([string] $session.InitiatorInstanceName)) { $instance = [string] $session.InitiatorInstanceName }
$type = $null
if (-not [string]::IsNullOrWhiteSpace([string] $session.AuthenticationType)) { $type = [string] $session.AuthenticationType }
Send-Result ([ordered]@{
    sessionIdentifier = [string] $session.SessionIdentifier
    targetNodeAddress = [string] $session.TargetNodeAddress
    initiatorNodeAddress = [string] $session.InitiatorNodeAddress
    initiatorPortalAddress = $source
    initiatorInstanceName = $instance
    initiatorSideIdentifier = [string] $session.InitiatorSideIdentifier
    targetSideIdentifier = [string] $session.TargetSideIdentifier
    authenticationType = $type
    isConnected = [bool] $session.IsConnected
    isPersistent = [bool] $session.IsPersistent
    isDiscovered = [bool] $session.IsDiscovered
    isHeaderDigest = [bool] $session.IsHeaderDigest
    isDataDigest = [bool] $session.IsDataDigest
    connections = $connections
})
