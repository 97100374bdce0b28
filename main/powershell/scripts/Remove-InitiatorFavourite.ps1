<#
.SYNOPSIS
Removes a favourite by what it names, also one that has no session.
.DESCRIPTION
Windows has no cmdlet and no documented CIM method for a favourite without a session; iscsicli.exe has one. It names the source by the number of an
initiator port, which MSIscsiInitiator_PersistentLoginClass keeps.
Pages: https://learn.microsoft.com/en-us/previous-versions/windows/desktop/iscsidisc/msiscsiinitiator-persistentloginclass,
https://learn.microsoft.com/en-us/windows/win32/api/iscsidsc/nf-iscsidsc-removeiscsipersistenttargeta (what RemovePersistentTarget calls)
.PARAMETER TargetNodeAddress
The target.
.PARAMETER InitiatorPortalAddress
The source address; without it a favourite that leaves it open.
.PARAMETER TargetPortalAddress
The portal; without it a favourite that leaves it open.
.PARAMETER TargetPortalPort
Its TCP port; without it a favourite that leaves it open.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $TargetNodeAddress,
    [string] $InitiatorPortalAddress,
    [string] $TargetPortalAddress,
    [int] $TargetPortalPort = 0
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$service = Get-CimInstance -ClassName Win32_Service -Filter "Name='MSiSCSI'"
if ($null -eq $service -or [string] $service.State -ne 'Running') { Stop-Script -Id 'Quorate.InitiatorServiceStopped' -Message 'The service MSiSCSI does not run.' -Target 'MSiSCSI' }
function Test-SameAddress {
    param($One, $Other)
    if ([string]::IsNullOrWhiteSpace([string] $One) -or [string]::IsNullOrWhiteSpace([string] $Other)) {
        return [string]::IsNullOrWhiteSpace([string] $One) -and [string]::IsNullOrWhiteSpace([string] $Other)
    }
    $left = $null
    $right = $null
    if ([System.Net.IPAddress]::TryParse([string] $One, [ref] $left) -and [System.Net.IPAddress]::TryParse([string] $Other, [ref] $right)) { return $left.Equals($right) }
    [string] $One -eq [string] $Other
}

$addresses = @{}
foreach ($initiator in Get-CimInstance -Namespace 'root\wmi' -ClassName MSiSCSI_PortalInfoClass) {
    foreach ($portal in @($initiator.PortalInformation)) {
        $key = "$($initiator.InstanceName)|$($portal.Index)"
        switch ([int] $portal.IPAddr.Type) {
            0 { $addresses[$key] = [string] $portal.IPAddr.TextAddress }
            1 { $addresses[$key] = [System.Net.IPAddress]::new([System.BitConverter]::GetBytes([uint32] $portal.IPAddr.IpV4Address)).ToString() }
            2 { $addresses[$key] = [System.Net.IPAddress]::new([byte[]] $portal.IPAddr.IpV6Address).ToString() }
        }
    }
}
$found = @(Get-CimInstance -Namespace 'root\wmi' -ClassName MSiSCSIInitiator_PersistentLoginClass | Where-Object {
    $source = $null
    if ([uint32] $_.InitiatorPortNumber -ne [uint32]::MaxValue) { $source = $addresses["$($_.InitiatorInstance)|$([uint32] $_.InitiatorPortNumber)"] }
    $_.TargetName -eq $TargetNodeAddress -and (Test-SameAddress $source $InitiatorPortalAddress) -and
    (Test-SameAddress $_.TargetPortal.Address $TargetPortalAddress) -and ([int] $_.TargetPortal.Port -eq $TargetPortalPort)
})
if ($found.Count -eq 0) {
    Stop-Script -Id 'Quorate.InitiatorFavouriteNotFound' -Category ObjectNotFound -Message "There is no such favourite for $TargetNodeAddress." -Target $TargetNodeAddress
}
$login = $found[0]
$port = '*'
if ([uint32] $login.InitiatorPortNumber -ne [uint32]::MaxValue) { $port = ([uint32] $login.InitiatorPortNumber).ToString() }
$portalAddress = '*'
$portalSocket = '*'
if ($TargetPortalAddress) {
    $portalAddress = [string] $login.TargetPortal.Address
    $portalSocket = ([uint16] $login.TargetPortal.Port).ToString()
}
[void] (& iscsicli.exe RemovePersistentTarget ([string] $login.InitiatorInstance) ([string] $login.TargetName) $port $portalAddress $portalSocket)
# A Win32 code is positive, a code of the initiator (0xefff....) is negative.
if ($LASTEXITCODE -gt 0) {
    throw [System.Management.Automation.ErrorRecord]::new([System.ComponentModel.Win32Exception]::new([int] $LASTEXITCODE), 'Quorate.IscsicliFailed', 'NotSpecified', $TargetNodeAddress)
}
if ($LASTEXITCODE -ne 0) {
    Stop-Script -Id ('HRESULT 0x{0:x8}' -f [int] $LASTEXITCODE) -Message "iscsicli RemovePersistentTarget returned $LASTEXITCODE." -Target $TargetNodeAddress
}
Send-Result $null
