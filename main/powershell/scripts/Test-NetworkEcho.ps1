<#
.SYNOPSIS
Sends one ICMP echo.
.DESCRIPTION
Win32_PingStatus, which sends when it is read. StatusCode: 0 answered, 11009 packet too big, 11010 timed out, 11002 to 11005 unreachable; null when it
could not be sent.
Page: https://learn.microsoft.com/en-us/previous-versions/windows/desktop/wmipicmp/win32-pingstatus
.PARAMETER Destination
IPv4 or IPv6 address.
.PARAMETER PayloadBytes
Payload without headers.
.PARAMETER DontFragment
True: no router may cut the packet.
.PARAMETER TimeoutMs
How long an answer may take.
.OUTPUTS
statusCode number or null, roundTripMs number or null
.NOTES
Needs an elevated session: no.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [ipaddress] $Destination,
    [Parameter(Mandatory = $true)] [ValidateRange(0, 65500)] [int] $PayloadBytes,
    [Parameter(Mandatory = $true)] [bool] $DontFragment,
    [int] $TimeoutMs = 2000
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$flag = $DontFragment.ToString().ToUpperInvariant()
$ping = Get-CimInstance -ClassName Win32_PingStatus -Filter "Address='$Destination' AND BufferSize=$PayloadBytes AND NoFragmentation=$flag AND Timeout=$TimeoutMs"
Send-Result ([ordered]@{
    statusCode = ConvertTo-Number $ping.StatusCode
    roundTripMs = ConvertTo-Number (Get-PropertyValue $ping 'ResponseTime')
})
