<#
.SYNOPSIS
Reads owner and access rights of folders and files.
.DESCRIPTION
Each as a security descriptor in text (SDDL) with owner, group and DACL, as Get-Acl gives it, and the account that this session runs as.
Pages: https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.security/get-acl?view=powershell-5.1,
https://learn.microsoft.com/en-us/windows/win32/secauthz/security-descriptor-string-format,
https://learn.microsoft.com/en-us/dotnet/api/system.security.principal.windowsidentity.user
.PARAMETER Path
Full paths; nothing in them is a wildcard.
.OUTPUTS
user, part of the SID in text; isAdministrator, part; items[]: path, security, part of the SDDL
.NOTES
Needs an elevated session: no; what the account may not read is unread.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string[]] $Path
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$localMachine = [uint32] 2147483650
Send-Result ([ordered]@{
    user = Read-Part { [string] [System.Security.Principal.WindowsIdentity]::GetCurrent().User.Value }
    # KEY_SET_VALUE on a key that administrators alone may change, with the rights that this session really has.
    isAdministrator = Read-Part {
        $answer = Invoke-CimMethod -ClassName StdRegProv -Namespace 'root\default' -MethodName CheckAccess -Arguments @{
            hDefKey = $localMachine; sSubKeyName = 'SOFTWARE\Microsoft\Windows NT\CurrentVersion'; uRequired = [uint32] 2
        }
        [bool] $answer.bGranted
    }
    items = @(foreach ($one in $Path) {
        [ordered]@{ path = $one; security = Read-Part { [string] (Get-Acl -LiteralPath $one).Sddl } }
    })
})
