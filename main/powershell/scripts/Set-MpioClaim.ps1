<#
.SYNOPSIS
Lets Microsoft's device module take iSCSI disks by itself, or not.
.DESCRIPTION
Pages: https://learn.microsoft.com/en-us/powershell/module/mpio/enable-msdsmautomaticclaim, https://learn.microsoft.com/en-us/powershell/module/mpio/disable-msdsmautomaticclaim
.PARAMETER Enabled
True: it takes them.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [bool] $Enabled
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

if ($Enabled) { [void] (Enable-MSDSMAutomaticClaim -BusType iSCSI -Confirm:$false) }
else { [void] (Disable-MSDSMAutomaticClaim -BusType iSCSI -Confirm:$false) }
Send-Result $null
