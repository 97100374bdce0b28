<#
.SYNOPSIS
Where every command that a text names comes from, as this session resolves it.
.PARAMETER Text
The text of a script.
#>
#quorate os: 2016, 2019, 2022, 2025
#quorate changes: nothing
[CmdletBinding()]
param([Parameter(Mandatory = $true)] [string] $Text)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$tokens = $null
$problems = $null
$tree = [System.Management.Automation.Language.Parser]::ParseInput($Text, [ref] $tokens, [ref] $problems)
$own = @(foreach ($node in $tree.FindAll({ param($one) $one -is [System.Management.Automation.Language.FunctionDefinitionAst] }, $true)) { $node.Name })
$names = @(foreach ($node in $tree.FindAll({ param($one) $one -is [System.Management.Automation.Language.CommandAst] }, $true)) {
    $name = $node.GetCommandName()
    if ($null -ne $name -and $name -notin $own) { $name }
})
Send-Result @(foreach ($name in @($names | Sort-Object -Unique)) {
    # By exact name: a star would be a wildcard here, and it is none where the command runs.
    $command = Get-Command -Name ([System.Management.Automation.WildcardPattern]::Escape($name)) -ErrorAction SilentlyContinue | Select-Object -First 1
    if ($null -ne $command) {
        [ordered]@{ name = $name; kind = $command.CommandType.ToString(); module = [string] $command.ModuleName }
    }
})
