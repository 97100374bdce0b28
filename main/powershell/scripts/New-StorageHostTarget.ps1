<#
.SYNOPSIS
Makes a target of iSCSI Target Server that admits the named initiators only.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/iscsitarget/new-iscsiservertarget
.PARAMETER Name
The short name of the target.
.PARAMETER Initiators
iSCSI names of the initiators.
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
    [Parameter(Mandatory = $true)] [string[]] $Initiators
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$null = New-IscsiServerTarget -TargetName $Name -InitiatorIds @($Initiators | ForEach-Object { "IQN:$_" })
Send-Result $null
