#!/bin/bash
# PowerShell: StaticParameterBinder loses a switch that is set to $false, so -Confirm:$false is as if it had not been written.
#
# Versions: PowerShell 7.6.9 (NuGet PowerShell 7.6.9, a .NET tool; needs the .NET 10 runtime).
# Input:    commands with a switch in each of its spellings, given to [StaticParameterBinder]::BindCommand as syntax trees, and, to compare, called
#           with a function whose $PSBoundParameters says what the engine itself binds.
# Expected: the same names from both. The class "runs the PowerShell parameter binding algorithm against a CommandAst, returning information about
#           which parameters were bound" (Microsoft, System.Management.Automation.Language.StaticParameterBinder).
# Seen:     a switch with :$false is in neither BoundParameters nor BindingExceptions, one with :$true or :$variable is in BoundParameters. It is not
#           the same to leave out -Confirm:$false: then a cmdlet of high impact asks. A check of scripts that is built on the class cannot tell them apart.
# Output:
#   Test-Switch x -> static: Path; engine: Path
#   Test-Switch x -Confirm -> static: Confirm Path; engine: Confirm Path
#   Test-Switch x -Confirm:$true -> static: Confirm Path; engine: Confirm Path
#   Test-Switch x -Confirm:$false -> static: Path; engine: Confirm Path
#   Test-Switch x -Confirm:$no -> static: Confirm Path; engine: Confirm Path
#   Test-Switch x -Force:$false -> static: Path; engine: Force Path
#   Remove-Item x -Confirm:$false -> static: Path; exceptions 0
#
# Exit: 0 as described, 1 changed, 2 could not be run.
set -u
T=$(mktemp -d) || exit 2
P=
trap '[ -z "$P" ] || { kill "$P"; wait "$P"; } 2>/dev/null; rm -rf "$T"' EXIT
trap 'exit 2' INT TERM
cannot() { echo "could not be run: $*" >&2; exit 2; }
verdict() {
  cat "$T/seen"
  if diff "$T/expected" "$T/seen" >"$T/diff"; then echo "As described above."; exit 0; fi
  echo "Changed (< as described, > now):"; cat "$T/diff"; exit 1
}

command -v dotnet >/dev/null || cannot "dotnet is missing"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 POWERSHELL_TELEMETRY_OPTOUT=1 NO_COLOR=1
(cd "$T" && dotnet tool install --tool-path "$T/tool" --version 7.6.9 PowerShell >"$T/nuget" 2>&1) || cannot "$(tail -n 3 "$T/nuget")"
dotnet_folder=$(dirname "$(readlink -f "$(command -v dotnet)")")
export DOTNET_ROOT="${DOTNET_ROOT:-$dotnet_folder}"

cat >"$T/bind.ps1" <<'PS'
if ("$($PSVersionTable.PSVersion)" -ne '7.6.9') { exit 2 }
function Test-Switch {
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium')]
    param([Parameter(Position = 0)] [string] $Path, [switch] $Force)
    ($PSBoundParameters.Keys | Sort-Object) -join ' '
}
$no = $false
function Get-StaticBinding([string] $Text) {
    $tree = [System.Management.Automation.Language.Parser]::ParseInput($Text, [ref] $null, [ref] $null)
    $command = $tree.Find({ param($node) $node -is [System.Management.Automation.Language.CommandAst] }, $true)
    [System.Management.Automation.Language.StaticParameterBinder]::BindCommand($command)
}
foreach ($text in 'Test-Switch x', 'Test-Switch x -Confirm', 'Test-Switch x -Confirm:$true', 'Test-Switch x -Confirm:$false', 'Test-Switch x -Confirm:$no', 'Test-Switch x -Force:$false') {
    $names = ((Get-StaticBinding $text).BoundParameters.Keys | Sort-Object) -join ' '
    "$text -> static: $names; engine: $(& ([scriptblock]::Create($text)))"
}
$text = 'Remove-Item x -Confirm:$false'
$binding = Get-StaticBinding $text
"$text -> static: $(($binding.BoundParameters.Keys | Sort-Object) -join ' '); exceptions $($binding.BindingExceptions.Count)"
PS
sed -n '/^# Output:$/,/^#$/s/^#   //p' "$0" >"$T/expected"
timeout 120 "$T/tool/pwsh" -NoProfile -NonInteractive -File "$T/bind.ps1" >"$T/seen" 2>"$T/errors" </dev/null || cannot "$(tail -n 3 "$T/errors")"
verdict
