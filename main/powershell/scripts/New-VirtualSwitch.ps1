<#
.SYNOPSIS
Makes an external virtual switch; addresses and DNS servers of the NIC are read before and compared after on the NIC of the host.
.DESCRIPTION
DNS servers that were lost are set again. An address that was lost ends the script: the server itself gives it back (Restore-NicSetting).
Page: https://learn.microsoft.com/en-us/powershell/module/hyper-v/new-vmswitch
.PARAMETER Name
The name of the switch.
.PARAMETER Nics
InterfaceGuids of the NICs behind it; several make a team (SET).
.PARAMETER HostNic
Whether the host goes on using the NIC through the switch.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: something
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Name,
    [Parameter(Mandatory = $true)] [string[]] $Nics,
    [Parameter(Mandatory = $true)] [bool] $HostNic
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$adapters = @(Get-NetAdapter | Where-Object { $Nics -contains [string] $_.InterfaceGuid })
if ($adapters.Count -ne $Nics.Count) { Stop-Script -Id 'Quorate.NicNotFound' -Category ObjectNotFound -Message "Of $($Nics.Count) NICs $($adapters.Count) are there." -Target ([string] $adapters.Count) }
$taken = @(Get-VMSwitch -SwitchType External | Where-Object { $used = $_; @($adapters | Where-Object { @($used.NetAdapterInterfaceDescriptions) -contains $_.InterfaceDescription }).Count -gt 0 })
if ($taken.Count -gt 0) { Stop-Script -Id 'Quorate.SwitchNicInUse' -Category ResourceBusy -Message "The NIC is in the virtual switch $($taken[0].Name)." -Target ([string] $taken[0].Name) }
$names = @($adapters | ForEach-Object { [string] $_.Name })
# The address of the server is on one of them; its DNS servers are lost when they move.
$indexes = @($adapters | ForEach-Object { $_.InterfaceIndex })
$before = @{}
$held = @(Get-NetIPAddress | Where-Object { $indexes -contains $_.InterfaceIndex -and (ConvertTo-EnumName $_.PrefixOrigin @{ 1 = 'Manual' }) -eq 'Manual' } | ForEach-Object { [string] $_.IPAddress })
foreach ($family in 'IPv4', 'IPv6') {
    $set = @(Get-DnsClientServerAddress -AddressFamily $family | Where-Object { $indexes -contains $_.InterfaceIndex -and @($_.ServerAddresses).Count -gt 0 })
    $before[$family] = @(if ($set.Count -gt 0) { $set[0].ServerAddresses })
}
$wanted = @{ Name = $Name; NetAdapterName = $names; AllowManagementOS = $HostNic }
if ($names.Count -gt 1) { $wanted['EnableEmbeddedTeaming'] = $true }
$null = New-VMSwitch @wanted
if ($HostNic) {
    $virtual = @(Get-NetAdapter -Name "vEthernet ($Name)")
    foreach ($family in 'IPv4', 'IPv6') {
        if ($before[$family].Count -eq 0) { continue }
        $after = @(Get-DnsClientServerAddress -InterfaceIndex $virtual[0].InterfaceIndex -AddressFamily $family)
        $found = if ($after.Count -gt 0) { @($after[0].ServerAddresses) -join ',' } else { '' }
        if ($found -ne ($before[$family] -join ',')) { Set-DnsClientServerAddress -InputObject $after[0] -ServerAddresses $before[$family] }
    }
    $now = @(Get-NetIPAddress | Where-Object { $_.InterfaceIndex -eq $virtual[0].InterfaceIndex } | ForEach-Object { [string] $_.IPAddress })
    $lost = @($held | Where-Object { $now -notcontains $_ })
    if ($lost.Count -gt 0) { Stop-Script -Id 'Quorate.SwitchAddressLost' -Category ConnectionError -Message "vEthernet ($Name) did not get $($lost -join ', ')." -Target ($lost -join ', ') }
}
Send-Result $null
