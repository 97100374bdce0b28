<#
.SYNOPSIS
Sets which initiators a target of iSCSI Target Server admits: the named ones and no other.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/iscsitarget/set-iscsiservertarget
.PARAMETER Name
The short name of the target.
.PARAMETER Initiators
iSCSI names of the initiators; none: nobody.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Name,
    [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [string[]] $Initiators
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$target = @(Get-IscsiServerTarget | Where-Object { [string] $_.TargetName -eq $Name })
if ($target.Count -eq 0) { Stop-Script -Id 'Quorate.StorageHostTargetNotFound' -Category ObjectNotFound -Message "There is no target $Name." -Target $Name }
Set-IscsiServerTarget -TargetName $Name -InitiatorIds @($Initiators | ForEach-Object { "IQN:$_" })
Send-Result $null
