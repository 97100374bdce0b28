<#
.SYNOPSIS
Notes in the registry that a folder was found to be writable by administrators only.
.DESCRIPTION
A value of HKEY_LOCAL_MACHINE\SOFTWARE\Quorate\ProtectedFolders, which only administrators can write to: its name says which file of which volume, its
text where the folder lies.
Pages: https://learn.microsoft.com/en-us/previous-versions/windows/desktop/regprov/createkey-method-in-class-stdregprov,
https://learn.microsoft.com/en-us/previous-versions/windows/desktop/regprov/setstringvalue-method-in-class-stdregprov
.PARAMETER Identity
Serial number of the volume and file ID, hexadecimal, with a hyphen between them.
.PARAMETER Path
The folder's full path.
.OUTPUTS
nothing
.NOTES
Needs an elevated session: yes.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: something
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [ValidatePattern('^[0-9a-f]{1,16}-[0-9a-f]{1,32}$')] [string] $Identity,
    [Parameter(Mandatory = $true)] [string] $Path
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$localMachine = [uint32] 2147483650
$key = 'SOFTWARE\Quorate\ProtectedFolders'
$made = Invoke-CimMethod -ClassName StdRegProv -Namespace 'root\default' -MethodName CreateKey -Arguments @{ hDefKey = $localMachine; sSubKeyName = $key }
if ($made.ReturnValue -ne 0) { Stop-Script -Id 'Quorate.RegistryNotWritable' -Category PermissionDenied -Message "The registry key $key cannot be made ($($made.ReturnValue))." }
$written = Invoke-CimMethod -ClassName StdRegProv -Namespace 'root\default' -MethodName SetStringValue -Arguments @{
    hDefKey = $localMachine; sSubKeyName = $key; sValueName = $Identity; sValue = $Path
}
if ($written.ReturnValue -ne 0) { Stop-Script -Id 'Quorate.RegistryNotWritable' -Category PermissionDenied -Message "The registry value $Identity cannot be written ($($written.ReturnValue))." }
Send-Result $null
