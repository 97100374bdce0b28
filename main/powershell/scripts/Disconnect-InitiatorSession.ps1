<#
.SYNOPSIS
Ends one iSCSI session.
.DESCRIPTION
The target is named with the session: without it the cmdlet asks every target to end the session.
Page: https://learn.microsoft.com/en-us/powershell/module/iscsi/disconnect-iscsitarget
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

$session = Get-IscsiSession | Where-Object { $_.SessionIdentifier -eq $SessionIdentifier }
# A session that is not there is refused by Windows itself.
if ($null -eq $session) { Disconnect-IscsiTarget -SessionIdentifier $SessionIdentifier -Confirm:$false }
else { Disconnect-IscsiTarget -NodeAddress ([string] $session.TargetNodeAddress) -SessionIdentifier $SessionIdentifier -Confirm:$false }
Send-Result $null
