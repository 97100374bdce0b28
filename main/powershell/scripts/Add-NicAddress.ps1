<#
.SYNOPSIS
Gives an adapter a static address.
.DESCRIPTION
New-NetIPAddress reports an address that the server has already, and one that no interface can have, under the same number (Win32 87); which of
the two it was is found by looking for the address.
Page: https://learn.microsoft.com/en-us/powershell/module/nettcpip/new-netipaddress
.PARAMETER Nic
The adapter's InterfaceGuid.
.PARAMETER Address
IPv4 or IPv6 address.
.PARAMETER PrefixLength
Its prefix length in bits.
.PARAMETER SkipAsSource
True: Windows uses it for no outgoing traffic by itself, nor registers it in DNS.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Nic,
    [Parameter(Mandatory = $true)] [string] $Address,
    [Parameter(Mandatory = $true)] [byte] $PrefixLength,
    [bool] $SkipAsSource = $false
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$adapter = Get-NetAdapter -IncludeHidden | Where-Object { $_.InterfaceGuid -eq $Nic }
if ($null -eq $adapter) { Stop-Script -Id 'Quorate.NicNotFound' -Category ObjectNotFound -Message "No network adapter has the InterfaceGuid $Nic." -Target $Nic }
try {
    [void] (New-NetIPAddress -InterfaceIndex $adapter.InterfaceIndex -IPAddress $Address -PrefixLength $PrefixLength -SkipAsSource $SkipAsSource)
}
catch {
    $refused = $_
    $wanted = [System.Net.IPAddress]::Parse($Address)
    $held = Get-NetIPAddress | Where-Object { [System.Net.IPAddress]::Parse(([string] $_.IPAddress).Split([char[]] @(37))[0]).Equals($wanted) }
    if ($null -ne $held) { Stop-Script -Id 'Quorate.NicAddressExists' -Category ResourceExists -Message "This server has the address $Address already." -Target $Address }
    throw $refused
}
Send-Result $null
