<#
.SYNOPSIS
Creates a cluster of one node without storage; a warning that names a report is an outcome of its own, and an error carries the report.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/failoverclusters/new-cluster
.PARAMETER Name
The name of the cluster, at most 15 characters.
.PARAMETER Node
The first node.
.PARAMETER Addresses
Static addresses; empty: DHCP.
.PARAMETER IgnoreNetworks
Subnets that get no address.
.PARAMETER AccessPoint
ActiveDirectoryAndDns, Dns or None.
.OUTPUTS
name
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Name,
    [Parameter(Mandatory = $true)] [string] $Node,
    [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [string[]] $Addresses,
    [Parameter(Mandatory = $true)] [AllowEmptyCollection()] [string[]] $IgnoreNetworks,
    [Parameter(Mandatory = $true)] [string] $AccessPoint
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$wanted = @{ Name = $Name; Node = @($Node); NoStorage = $true; AdministrativeAccessPoint = $AccessPoint }
if ($Addresses.Count -gt 0) { $wanted['StaticAddress'] = $Addresses }
if ($IgnoreNetworks.Count -gt 0) { $wanted['IgnoreNetwork'] = $IgnoreNetworks }
$failed = $null
$warned = @()
try { $made = New-Cluster @wanted -WarningVariable warned -WarningAction SilentlyContinue }
catch [System.Management.Automation.PipelineStoppedException] { throw }
catch { $failed = $_ }
# A creation with trouble warns and names its report, also before it fails; other warnings (of a remote session, say) name none.
$report = ''
foreach ($line in @($warned)) { if (([string] $line) -match '[A-Za-z]:\\[^<>|"]+?\.(htm|html|mht)\b') { $report = $Matches[0] } }
# What it warns of is in the report alone.
$said = @()
if ($report -ne '' -and [System.IO.File]::Exists($report)) {
    foreach ($match in [regex]::Matches([System.IO.File]::ReadAllText($report), '<div class="(?:warn|error)">(.*?)</div>', 'Singleline')) {
        $line = ([System.Net.WebUtility]::HtmlDecode(($match.Groups[1].Value -replace '<[^>]+>', ' ')) -replace '\s+', ' ').Trim()
        if ($line -ne '' -and $said -notcontains $line -and $said.Count -lt 5) { $said += $line }
    }
}
if ($null -ne $failed) {
    # The error stays as it is, for its numbers; what it was about is the report.
    if ($report -ne '') { $failed.Exception.Data['Quorate.Target'] = $report + "`n" + ($said -join ' ') }
    throw $failed
}
if ($report -ne '') { Stop-Script -Id 'Quorate.ClusterCreateWarned' -Category InvalidResult -Message "The cluster was created with a warning: $(@($warned)[0])" -Target ($report + "`n" + ($said -join ' ')) }
Send-Result ([ordered]@{ name = [string] $made.Name })
