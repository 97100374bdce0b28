<#
.SYNOPSIS
Sets the load balance policy of disks that are claimed from now on.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/mpio/set-msdsmglobaldefaultloadbalancepolicy
.PARAMETER Policy
None, FOO (fail over only), RR (round robin), LQD (least queue depth) or LB (least blocks).
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [ValidateSet('None', 'FOO', 'RR', 'LQD', 'LB')] [string] $Policy
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

Set-MSDSMGlobalDefaultLoadBalancePolicy -Policy $Policy
Send-Result $null
