<#
.SYNOPSIS
Reads the state of multipath I/O.
.DESCRIPTION
The feature first; the module MPIO comes with it, so claim and policy are asked for only when it is installed.
Pages: https://learn.microsoft.com/en-us/powershell/module/servermanager/get-windowsfeature, https://learn.microsoft.com/en-us/powershell/module/mpio/get-msdsmautomaticclaimsettings,
https://learn.microsoft.com/en-us/powershell/module/mpio/get-msdsmglobaldefaultloadbalancepolicy
.OUTPUTS
feature: name of its state; parts claimsIscsi, loadBalancePolicy when it is installed
.NOTES
Needs an elevated session: no.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$feature = Get-WindowsFeature -Name Multipath-IO
$state = [string] $feature.InstallState
$result = [ordered]@{ feature = $state }
if ($state -eq 'Installed') {
    $result.claimsIscsi = Read-Part {
        $settings = Get-MSDSMAutomaticClaimSettings
        [bool] (Get-PropertyValue $settings 'iSCSI')
    }
    $result.loadBalancePolicy = Read-Part { [string] (Get-MSDSMGlobalDefaultLoadBalancePolicy) }
}
Send-Result $result
