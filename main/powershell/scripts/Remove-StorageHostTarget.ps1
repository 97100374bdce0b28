<#
.SYNOPSIS
Removes a target of iSCSI Target Server that nobody is logged on to; its virtual disks stay.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/iscsitarget/remove-iscsiservertarget
.PARAMETER Name
The short name of the target.
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

$target = @(Get-IscsiServerTarget | Where-Object { [string] $_.TargetName -eq $Name })
if ($target.Count -eq 0) { Stop-Script -Id 'Quorate.StorageHostTargetNotFound' -Category ObjectNotFound -Message "There is no target $Name." -Target $Name }
$sessions = @($target | ForEach-Object { @(Get-PropertyValue $_ 'Sessions') | Where-Object { $null -ne $_ } })
if ($sessions.Count -gt 0 -or [string] $target[0].Status -eq 'Connected') {
    $names = @($sessions | ForEach-Object { Get-PropertyValue $_ 'InitiatorIQN' } | Where-Object { $_ } | Sort-Object -Unique)
    $who = if ($names.Count -gt 0) { $names -join ', ' } else { 'an initiator that is not named' }
    Stop-Script -Id 'Quorate.StorageHostConnected' -Category ResourceBusy -Message "$who is logged on to $Name." -Target $who
}
Remove-IscsiServerTarget -TargetName $Name
Send-Result $null
