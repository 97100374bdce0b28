<#
.SYNOPSIS
Sets the initiator's name.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/storage/set-initiatorport
.PARAMETER Name
The new iSCSI name.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Name
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$service = Get-CimInstance -ClassName Win32_Service -Filter "Name='MSiSCSI'"
if ($null -eq $service -or [string] $service.State -ne 'Running') { Stop-Script -Id 'Quorate.InitiatorServiceStopped' -Message 'The service MSiSCSI does not run.' -Target 'MSiSCSI' }
$port = Get-InitiatorPort | Where-Object { (ConvertTo-EnumName (Get-CimRawValue $_ 'ConnectionType') @{ 2 = 'iSCSI' }) -eq 'iSCSI' }
if ($null -eq $port) { Stop-Script -Id 'Quorate.InitiatorPortNotFound' -Category ObjectNotFound -Message 'Windows shows no iSCSI initiator port.' }
Set-InitiatorPort -NodeAddress ([string] @($port)[0].NodeAddress) -NewNodeAddress $Name -Confirm:$false
Send-Result $null
