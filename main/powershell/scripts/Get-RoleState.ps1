<#
.SYNOPSIS
Reads which of the named features are there, and whether the hypervisor runs.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/servermanager/get-windowsfeature
.PARAMETER Features
The names that are asked for.
.OUTPUTS
features (name, state), hypervisorPresent, managementService, each a part
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string[]] $Features
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$installed = Read-Part -AsList {
    @(Get-WindowsFeature -Name $Features | ForEach-Object { [ordered]@{ name = [string] $_.Name; state = ConvertTo-EnumName $_.InstallState } })
}
$hypervisor = Read-Part { [bool] (Get-CimInstance -ClassName Win32_ComputerSystem -Property HypervisorPresent).HypervisorPresent }
$service = Read-Part {
    $found = @(Get-CimInstance -ClassName Win32_Service -Filter "Name='vmms'")
    if ($found.Count -eq 0) { 'absent' } elseif ($found[0].State -eq 'Running') { 'running' } else { 'stopped' }
}
Send-Result ([ordered]@{ features = $installed; hypervisorPresent = $hypervisor; managementService = $service })
