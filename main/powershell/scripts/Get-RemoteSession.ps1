<#
.SYNOPSIS
Lists the connections from outside on which an administrator may be sitting: remote desktop, WinRM, SSH.
.DESCRIPTION
Established TCP connections to the ports of these services. The port of remote desktop is read from its listener's parameters.
Pages: https://learn.microsoft.com/en-us/powershell/module/nettcpip/get-nettcpconnection,
https://learn.microsoft.com/en-us/windows-server/remote/remote-desktop-services/clients/change-listening-port
.OUTPUTS
sessions[]: service, localAddress, localPort, remoteAddress
.NOTES
Needs an elevated session: no.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$services = @{ 22 = 'ssh'; 3389 = 'rdp'; 5985 = 'winrm'; 5986 = 'winrm' }
$answer = Invoke-CimMethod -ClassName StdRegProv -Namespace 'root\default' -MethodName GetDWORDValue -Arguments @{
    hDefKey = [uint32] 2147483650; sSubKeyName = 'SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp'; sValueName = 'PortNumber'
}
if ($answer.ReturnValue -eq 0) { $services[[int] $answer.uValue] = 'rdp' }
# Asked for a state that no connection has, the cmdlet would fail.
$states = @{ 1 = 'Closed'; 2 = 'Listen'; 5 = 'Established' }
$connections = Get-NetTCPConnection | Where-Object {
    (ConvertTo-EnumName $_.State $states) -eq 'Established' -and $services.ContainsKey([int] $_.LocalPort) -and
    -not [System.Net.IPAddress]::IsLoopback([System.Net.IPAddress]::Parse(([string] $_.RemoteAddress).Split([char[]] @(37))[0]))
}
Send-Result ([ordered]@{
    sessions = @(foreach ($connection in $connections) {
        [ordered]@{
            service = $services[[int] $connection.LocalPort]
            localAddress = [string] $connection.LocalAddress
            localPort = ConvertTo-Number $connection.LocalPort
            remoteAddress = [string] $connection.RemoteAddress
        }
    })
})
