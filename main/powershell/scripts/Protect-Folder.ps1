<#
.SYNOPSIS
Gives a folder the owner and the access rights that a security descriptor says.
.DESCRIPTION
What the folder holds inherits them, as far as it inherits. Which sections are set follows from the text: without O: the owner stays.
Pages: https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.security/set-acl?view=powershell-5.1,
https://learn.microsoft.com/en-us/dotnet/api/system.security.accesscontrol.objectsecurity.setsecuritydescriptorsddlform
.PARAMETER Path
The folder's full path.
.PARAMETER Security
The descriptor in text (SDDL).
.OUTPUTS
nothing
.NOTES
Needs an elevated session: for an owner other than the account itself.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: one
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Path,
    [Parameter(Mandatory = $true)] [string] $Security
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$descriptor = Get-Acl -LiteralPath $Path
$descriptor.SetSecurityDescriptorSddlForm($Security)
Set-Acl -LiteralPath $Path -AclObject $descriptor
Send-Result $null
