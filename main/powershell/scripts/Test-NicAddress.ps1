<#
.SYNOPSIS
Finds out whether another machine answers for an address in the network of an adapter.
.DESCRIPTION
Only an adapter with an address in the same network can ask. One ICMP echo makes Windows look for the neighbour; its answer, or an entry with a
link-layer address in the neighbour cache, says that somebody has the address, also when a firewall keeps the echo back.
Pages: https://learn.microsoft.com/en-us/previous-versions/windows/desktop/wmipicmp/win32-pingstatus,
https://learn.microsoft.com/en-us/powershell/module/nettcpip/get-netneighbor
.PARAMETER Nic
The adapter's InterfaceGuid.
.PARAMETER Address
The address that is asked for.
.OUTPUTS
onLink true/false, statusCode number or null, neighbour: name of its state or null
.NOTES
Needs an elevated session: no.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Nic,
    [Parameter(Mandatory = $true)] [ipaddress] $Address
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$adapter = Get-NetAdapter -IncludeHidden | Where-Object { $_.InterfaceGuid -eq $Nic }
if ($null -eq $adapter) { Stop-Script -Id 'Quorate.NicNotFound' -Category ObjectNotFound -Message "No network adapter has the InterfaceGuid $Nic." -Target $Nic }

function Test-SameNetwork {
    param([System.Net.IPAddress] $One, [System.Net.IPAddress] $Other, [int] $PrefixLength)
    if ($One.AddressFamily -ne $Other.AddressFamily) { return $false }
    $left = $One.GetAddressBytes()
    $right = $Other.GetAddressBytes()
    for ($bit = 0; $bit -lt $PrefixLength; $bit++) {
        $index = $bit -shr 3
        $mask = 128 -shr ($bit -band 7)
        if (($left[$index] -band $mask) -ne ($right[$index] -band $mask)) { return $false }
    }
    $true
}

$onLink = $false
foreach ($held in Get-NetIPAddress | Where-Object { $_.InterfaceIndex -eq $adapter.InterfaceIndex }) {
    $own = [System.Net.IPAddress]::Parse(([string] $held.IPAddress).Split([char[]] @(37))[0])
    if (Test-SameNetwork $own $Address ([int] $held.PrefixLength)) { $onLink = $true }
}
$statusCode = $null
$neighbour = $null
if ($onLink) {
    $ping = Get-CimInstance -ClassName Win32_PingStatus -Filter "Address='$Address' AND Timeout=1000"
    $statusCode = ConvertTo-Number $ping.StatusCode
    $states = @{ 0 = 'Unreachable'; 1 = 'Incomplete'; 2 = 'Probe'; 3 = 'Delay'; 4 = 'Stale'; 5 = 'Reachable'; 6 = 'Permanent' }
    $entry = Get-NetNeighbor | Where-Object { $_.InterfaceIndex -eq $adapter.InterfaceIndex -and [string] $_.IPAddress -eq $Address.ToString() }
    if ($null -ne $entry) { $neighbour = ConvertTo-EnumName $entry.State $states }
}
Send-Result ([ordered]@{ onLink = $onLink; statusCode = $statusCode; neighbour = $neighbour })
