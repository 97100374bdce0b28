<#
.SYNOPSIS
Sets where the server takes its time from, lets the time service start by itself and restarts it.
.DESCRIPTION
Writes Type (NT5DS for the domain, NTP for named servers) and NtpServer of W32Time's parameters with StdRegProv; each server is asked in client mode
(0x8). The service reads them when it starts. For named servers its trigger on the membership of a domain is replaced by one on the network: with
it Windows stops the service of a server in a workgroup after each start, whatever its startup type. No cmdlet and no CIM method sets a trigger.
Pages: https://learn.microsoft.com/en-us/windows-server/networking/windows-time-service/windows-time-service-tools-and-settings,
https://learn.microsoft.com/en-us/troubleshoot/windows-client/active-directory/w32time-not-start-on-workgroup
.PARAMETER Kind
domain or servers.
.PARAMETER Server
The servers in order; for servers only.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: something
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [ValidateSet('domain', 'servers')] [string] $Kind,
    [AllowEmptyCollection()] [string[]] $Server = @()
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

if ($Kind -eq 'domain') {
    $computer = Get-CimInstance -ClassName Win32_ComputerSystem
    if (-not $computer.PartOfDomain) { Stop-Script -Id 'Quorate.HostNotInDomain' -Message 'The server is in a workgroup.' -Target ([string] $computer.Name) }
    $values = [ordered]@{ Type = 'NT5DS' }
}
else {
    $values = [ordered]@{ NtpServer = (@(foreach ($name in $Server) { "$name,0x8" }) -join ' '); Type = 'NTP' }
}
foreach ($name in $values.Keys) {
    $answer = Invoke-CimMethod -ClassName StdRegProv -Namespace 'root\default' -MethodName SetStringValue -Arguments @{
        hDefKey = [uint32] 2147483650; sSubKeyName = 'SYSTEM\CurrentControlSet\Services\W32Time\Parameters'; sValueName = $name; sValue = $values[$name]
    }
    if ($answer.ReturnValue -ne 0) {
        throw [System.Management.Automation.ErrorRecord]::new([System.ComponentModel.Win32Exception]::new([int] $answer.ReturnValue), 'Quorate.RegistryRefused', 'WriteError', $name)
    }
}
if ($Kind -eq 'servers') {
    [void] (& sc.exe triggerinfo W32Time start/networkon stop/networkoff)
    if ($LASTEXITCODE -ne 0) {
        throw [System.Management.Automation.ErrorRecord]::new([System.ComponentModel.Win32Exception]::new([int] $LASTEXITCODE), 'Quorate.TriggerRefused', 'NotSpecified', ([string] $LASTEXITCODE))
    }
}
Set-Service -Name W32Time -StartupType Automatic
Restart-Service -Name W32Time -Force
Send-Result $null
