<#
.SYNOPSIS
Discovers targets again over every portal of the initiator's list.
.DESCRIPTION
A portal that does not answer does not keep the others from being asked; the first of them is reported at the end.
Page: https://learn.microsoft.com/en-us/powershell/module/iscsi/update-iscsitargetportal
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: something
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$failure = $null
foreach ($portal in Get-IscsiTargetPortal) {
    $parameters = @{ TargetPortalAddress = [string] $portal.TargetPortalAddress; TargetPortalPortNumber = [uint16] $portal.TargetPortalPortNumber }
    $source = [string] $portal.InitiatorPortalAddress
    if (-not [string]::IsNullOrWhiteSpace($source)) { $parameters.InitiatorPortalAddress = $source }
    try { Update-IscsiTargetPortal @parameters }
    catch {
        if ($null -eq $failure) {
            $target = "$($portal.TargetPortalAddress):$($portal.TargetPortalPortNumber);$source"
            $failure = [System.Management.Automation.ErrorRecord]::new($_.Exception, ([string] $_.FullyQualifiedErrorId).Split([char[]] @(44))[0], $_.CategoryInfo.Category, $target)
        }
    }
}
if ($null -ne $failure) { throw $failure }
Send-Result $null
