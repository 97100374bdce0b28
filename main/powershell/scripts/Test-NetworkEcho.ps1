<#
.SYNOPSIS
Sends ICMP echoes from an address of this server, one after the other.
.DESCRIPTION
IcmpSendEcho2Ex and Icmp6SendEcho2, which take a source address and a flag that no router may cut the packet; no cmdlet and no CIM class takes both.
They are called through a type made in memory, because compiling one takes a second and is blocked in places. The status is an IP_STATUS: 0 answered,
11002 to 11005 unreachable, 11009 packet too big, 11010 timed out.
Pages: https://learn.microsoft.com/en-us/windows/win32/api/icmpapi/nf-icmpapi-icmpsendecho2ex
https://learn.microsoft.com/en-us/windows/win32/api/icmpapi/nf-icmpapi-icmp6sendecho2
https://learn.microsoft.com/en-us/windows/win32/api/ipexport/ns-ipexport-icmp_echo_reply
https://learn.microsoft.com/en-us/windows/win32/api/ipexport/ns-ipexport-ip_option_information
.PARAMETER Destination
IPv4 or IPv6 address.
.PARAMETER Source
An address of this server; without it Windows chooses one by its routes.
.PARAMETER PayloadBytes
Payload without headers.
.PARAMETER DontFragment
True: no router may cut the packet.
.PARAMETER Count
How many echoes.
.PARAMETER IntervalMs
From the start of one echo to the start of the next.
.PARAMETER TimeoutMs
How long an answer may take.
.OUTPUTS
echoes[]: status number, roundTripMs number or null
.NOTES
Needs an elevated session: no.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [ipaddress] $Destination,
    [ipaddress] $Source,
    [Parameter(Mandatory = $true)] [ValidateRange(0, 65500)] [int] $PayloadBytes,
    [Parameter(Mandatory = $true)] [bool] $DontFragment,
    [ValidateRange(1, 1000)] [int] $Count = 1,
    [ValidateRange(0, 1000)] [int] $IntervalMs = 0,
    [ValidateRange(1, 60000)] [int] $TimeoutMs = 2000
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

function Get-IcmpApi {
    $known = 'Quorate.IcmpApi' -as [type]
    if ($null -ne $known) { return $known }
    $assembly = [System.Reflection.Emit.AssemblyBuilder]::DefineDynamicAssembly([System.Reflection.AssemblyName]::new('Quorate.Icmp'), [System.Reflection.Emit.AssemblyBuilderAccess]::Run)
    $type = $assembly.DefineDynamicModule('Quorate.Icmp').DefineType('Quorate.IcmpApi', [System.Reflection.TypeAttributes] 'Public, Class')
    $import = [System.Runtime.InteropServices.DllImportAttribute]
    $fields = [System.Reflection.FieldInfo[]] @($import.GetField('SetLastError'))
    $attribute = [System.Reflection.Emit.CustomAttributeBuilder]::new($import.GetConstructor([type[]] @([string])), [object[]] @('iphlpapi.dll'), $fields, [object[]] @($true))
    $calls = [ordered]@{
        IcmpCreateFile = @([intptr])
        Icmp6CreateFile = @([intptr])
        IcmpCloseHandle = @([bool], [intptr])
        IcmpSendEcho2Ex = @([uint32], [intptr], [intptr], [intptr], [intptr], [uint32], [uint32], [intptr], [uint16], [intptr], [intptr], [uint32], [uint32])
        Icmp6SendEcho2 = @([uint32], [intptr], [intptr], [intptr], [intptr], [intptr], [intptr], [intptr], [uint16], [intptr], [intptr], [uint32], [uint32])
    }
    foreach ($call in $calls.GetEnumerator()) {
        $types = [type[]] $call.Value
        $parameters = [type[]] @(for ($at = 1; $at -lt $types.Length; $at++) { $types[$at] })
        $method = $type.DefineMethod($call.Key, [System.Reflection.MethodAttributes] 'Public, Static, PinvokeImpl', $types[0], $parameters)
        $method.SetImplementationFlags([System.Reflection.MethodImplAttributes]::PreserveSig)
        $method.SetCustomAttribute($attribute)
    }
    $type.CreateType()
}

function Write-SocketAddress {
    # sockaddr_in6: family AF_INET6 (23), port, flow, address, scope.
    param([intptr] $At, [ipaddress] $Address)
    $bytes = [byte[]]::new(28)
    $bytes[0] = 23
    if ($null -ne $Address) {
        [System.Array]::Copy($Address.GetAddressBytes(), 0, $bytes, 8, 16)
        [System.Array]::Copy([System.BitConverter]::GetBytes([uint32] $Address.ScopeId), 0, $bytes, 24, 4)
    }
    [System.Runtime.InteropServices.Marshal]::Copy($bytes, 0, $At, 28)
}

$isIpv6 = $Destination.AddressFamily -eq [System.Net.Sockets.AddressFamily]::InterNetworkV6
if ($null -ne $Source) {
    $held = @(Get-NetIPAddress | Where-Object { [System.Net.IPAddress]::Parse(([string] $_.IPAddress).Split([char[]] @(37))[0]).Equals($Source) })
    if ($held.Count -eq 0) { Stop-Script -Id 'Quorate.AddressNotHeld' -Category ObjectNotFound -Message "This server does not have the address $Source." -Target $Source.ToString() }
}

$api = Get-IcmpApi
# Room for the reply, its data, an ICMP error and an IO_STATUS_BLOCK; offsets in one block that is freed at once.
$replyBytes = $PayloadBytes + 256
$block = [System.Runtime.InteropServices.Marshal]::AllocHGlobal($PayloadBytes + $replyBytes + 128)
if ($isIpv6) { $handle = $api::Icmp6CreateFile() } else { $handle = $api::IcmpCreateFile() }
try {
    if ($handle -eq [intptr] -1) { Stop-Script -Id 'Quorate.EchoNotOpened' -Category OpenError -Message 'Windows opened no handle for ICMP.' }
    # IP_OPTION_INFORMATION: Ttl, Tos, Flags (IP_FLAG_DF is 2), OptionsSize, then a pointer.
    $options = $block
    $flags = 0
    if ($DontFragment) { $flags = 2 }
    [System.Runtime.InteropServices.Marshal]::Copy([byte[]] @(128, 0, $flags, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 0, $options, 16)
    $from = [intptr]::Add($block, 32)
    $to = [intptr]::Add($block, 64)
    $data = [intptr]::Add($block, 128)
    $reply = [intptr]::Add($data, $PayloadBytes)
    [System.Runtime.InteropServices.Marshal]::Copy([byte[]]::new($PayloadBytes), 0, $data, $PayloadBytes)
    $sourceNumber = [uint32] 0
    $destinationNumber = [uint32] 0
    if ($isIpv6) {
        Write-SocketAddress $from $Source
        Write-SocketAddress $to $Destination
        # ICMPV6_ECHO_REPLY: an address of 26 bytes, then Status and RoundTripTime on the next multiple of four.
        $statusAt = 28
    }
    else {
        if ($null -ne $Source) { $sourceNumber = [System.BitConverter]::ToUInt32($Source.GetAddressBytes(), 0) }
        $destinationNumber = [System.BitConverter]::ToUInt32($Destination.GetAddressBytes(), 0)
        # ICMP_ECHO_REPLY: Address, Status, RoundTripTime.
        $statusAt = 4
    }
    $none = [intptr]::Zero
    $clock = [System.Diagnostics.Stopwatch]::new()
    $echoes = [System.Collections.Generic.List[object]]::new()
    for ($number = 1; $number -le $Count; $number++) {
        $clock.Restart()
        if ($isIpv6) { $replies = $api::Icmp6SendEcho2($handle, $none, $none, $none, $from, $to, $data, [uint16] $PayloadBytes, $options, $reply, [uint32] $replyBytes, [uint32] $TimeoutMs) }
        else { $replies = $api::IcmpSendEcho2Ex($handle, $none, $none, $none, $sourceNumber, $destinationNumber, $data, [uint16] $PayloadBytes, $options, $reply, [uint32] $replyBytes, [uint32] $TimeoutMs) }
        $passedMs = $clock.Elapsed.TotalMilliseconds
        if ($replies -eq 0) { $status = [System.Runtime.InteropServices.Marshal]::GetLastWin32Error() }
        else { $status = [System.Runtime.InteropServices.Marshal]::ReadInt32($reply, $statusAt) }
        $roundTripMs = $null
        if ($status -eq 0) {
            # Windows tells whole milliseconds; what was measured here is finer, and longer where this process had to wait.
            $whole = [double] [System.Runtime.InteropServices.Marshal]::ReadInt32($reply, $statusAt + 4)
            $roundTripMs = [System.Math]::Max($whole, [System.Math]::Min($passedMs, $whole + 1))
        }
        $echoes.Add([ordered]@{ status = ConvertTo-Number $status; roundTripMs = $roundTripMs })
        $restMs = [int] ($IntervalMs - $clock.Elapsed.TotalMilliseconds)
        if ($number -lt $Count -and $restMs -gt 0) { [System.Threading.Thread]::Sleep($restMs) }
    }
}
finally {
    if ($handle -ne [intptr] -1) { [void] $api::IcmpCloseHandle($handle) }
    [System.Runtime.InteropServices.Marshal]::FreeHGlobal($block)
}
Send-Result ([ordered]@{ echoes = $echoes.ToArray() })
