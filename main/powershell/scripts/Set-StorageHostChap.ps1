<#
.SYNOPSIS
Sets the CHAP of a target of iSCSI Target Server, and what it proves itself with.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/iscsitarget/set-iscsiservertarget
.PARAMETER Name
The short name of the target.
.PARAMETER ChapUserName
The name that logons prove themselves with; empty: no CHAP.
.PARAMETER ChapSecret
Their secret, 12 to 16 characters.
.PARAMETER ReverseUserName
The name that the target proves itself with; empty: it does not.
.PARAMETER ReverseSecret
Its secret, 12 to 16 characters.
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
    [Parameter(Mandatory = $true)] [AllowEmptyString()] [string] $ChapUserName,
    [securestring] $ChapSecret,
    [Parameter(Mandatory = $true)] [AllowEmptyString()] [string] $ReverseUserName,
    [securestring] $ReverseSecret
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$target = @(Get-IscsiServerTarget | Where-Object { [string] $_.TargetName -eq $Name })
if ($target.Count -eq 0) { Stop-Script -Id 'Quorate.StorageHostTargetNotFound' -Category ObjectNotFound -Message "There is no target $Name." -Target $Name }
foreach ($secret in $ChapSecret, $ReverseSecret) {
    if ($null -ne $secret -and ($secret.Length -lt 12 -or $secret.Length -gt 16)) { Stop-Script -Id 'Quorate.StorageHostSecretLength' -Category InvalidArgument -Message "A CHAP secret has $($secret.Length) characters." -Target ([string] $secret.Length) }
}
$wanted = @{ TargetName = $Name; EnableChap = ($ChapUserName -ne ''); EnableReverseChap = ($ReverseUserName -ne '') }
if ($ChapUserName -ne '') { $wanted['Chap'] = [System.Management.Automation.PSCredential]::new($ChapUserName, $ChapSecret) }
if ($ReverseUserName -ne '') { $wanted['ReverseChap'] = [System.Management.Automation.PSCredential]::new($ReverseUserName, $ReverseSecret) }
Set-IscsiServerTarget @wanted
Send-Result $null
