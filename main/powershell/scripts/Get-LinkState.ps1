<#
.SYNOPSIS
Reads the state of every adapter's link; for somebody who pulls a cable.
.DESCRIPTION
Page: https://learn.microsoft.com/en-us/powershell/module/netadapter/get-netadapter
.OUTPUTS
links[]: interfaceGuid, name, adminStatus, mediaState
.NOTES
Needs an elevated session: no.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

Send-Result ([ordered]@{
    links = @(foreach ($adapter in Get-NetAdapter) {
        [ordered]@{
            interfaceGuid = [string] $adapter.InterfaceGuid
            name = [string] $adapter.Name
            adminStatus = ConvertTo-EnumName $adapter.InterfaceAdminStatus @{ 1 = 'Up'; 2 = 'Down'; 3 = 'Testing' }
            mediaState = ConvertTo-EnumName $adapter.MediaConnectState @{ 0 = 'Unknown'; 1 = 'Connected'; 2 = 'Disconnected' }
        }
    })
})
