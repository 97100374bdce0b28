<#
.SYNOPSIS
Removes an iSCSI session's favourite: it is not repeated at the next start.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/iscsi/unregister-iscsisession
.PARAMETER SessionIdentifier
The session.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $SessionIdentifier
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$service = Get-CimInstance -ClassName Win32_Service -Filter "Name='MSiSCSI'"
if ($null -eq $service -or [string] $service.State -ne 'Running') { Stop-Script -Id 'Quorate.InitiatorServiceStopped' -Message 'The service MSiSCSI does not run.' -Target 'MSiSCSI' }
$session = Get-IscsiSession | Where-Object { $_.SessionIdentifier -eq $SessionIdentifier }
if ($null -eq $session) { Stop-Script -Id 'Quorate.InitiatorSessionNotFound' -Category ObjectNotFound -Message "There is no session $SessionIdentifier." -Target $SessionIdentifier }
Unregister-IscsiSession -SessionIdentifier ([string] $session.SessionIdentifier)
Send-Result $null
