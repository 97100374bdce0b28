<#
.SYNOPSIS
Restarts the server at once.
.DESCRIPTION
Restart-Computer -Force; it returns when Windows has taken the order.
Page: https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.management/restart-computer?view=powershell-5.1
.PARAMETER Reason
Why; it is kept as verbose text of the call, because Restart-Computer takes none.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: something
[CmdletBinding()]
param(
    [string] $Reason
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

if ($Reason) { Write-Verbose -Message $Reason -Verbose }
Restart-Computer -Force
Send-Result $null
