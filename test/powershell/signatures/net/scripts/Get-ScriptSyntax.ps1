<#
.SYNOPSIS
What PowerShell's own parser sees in a script: every command with its arguments, splatted tables, syntax of PowerShell 7 alone.
.DESCRIPTION
Facts only; the rules are in test/powershell/signatures. Runs in Windows PowerShell 5.1 too, whose parser refuses the newer syntax by itself.
.PARAMETER Text
The script's text.
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

function Get-Value {
    # A value as far as it is known without running anything.
    param($Ast)
    if ($null -eq $Ast) { return $null }
    $value = [ordered]@{ kind = 'expression'; text = $Ast.Extent.Text; constant = $null; items = $null; keys = $null; variable = $null }
    if ($value.text.Length -gt 120) { $value.text = $value.text.Substring(0, 120) }
    switch ($Ast.GetType().Name) {
        'StringConstantExpressionAst' { $value.kind = 'constant'; $value.constant = $Ast.Value }
        'ConstantExpressionAst' { $value.kind = 'number'; $value.constant = [string] $Ast.Value }
        'ScriptBlockExpressionAst' { $value.kind = 'scriptblock' }
        'VariableExpressionAst' {
            $name = $Ast.VariablePath.UserPath
            if ($name -in 'true', 'false', 'null') { $value.kind = 'constant'; $value.constant = '$' + $name }
            else { $value.kind = 'variable'; $value.variable = $name }
        }
        'ArrayLiteralAst' { $value.kind = 'array'; $value.items = @(foreach ($element in $Ast.Elements) { Get-Value $element }) }
        'ParenExpressionAst' {
            $inner = $Ast.Pipeline
            if ($inner.GetType().Name -eq 'PipelineAst' -and $inner.PipelineElements.Count -eq 1 -and $inner.PipelineElements[0].GetType().Name -eq 'CommandExpressionAst') {
                return Get-Value $inner.PipelineElements[0].Expression
            }
        }
        'ArrayExpressionAst' {
            $statements = $Ast.SubExpression.Statements
            $items = @(foreach ($statement in $statements) {
                if ($statement.GetType().Name -eq 'PipelineAst' -and $statement.PipelineElements.Count -eq 1 -and $statement.PipelineElements[0].GetType().Name -eq 'CommandExpressionAst') {
                    Get-Value $statement.PipelineElements[0].Expression
                }
                else { [ordered]@{ kind = 'expression'; text = 'statement'; constant = $null; items = $null; keys = $null; variable = $null } }
            })
            $value.kind = 'array'
            if ($items.Count -eq 1 -and $items[0].kind -eq 'array') { $value.items = $items[0].items } else { $value.items = $items }
        }
        'HashtableAst' {
            $value.kind = 'table'
            $value.keys = @(foreach ($pair in $Ast.KeyValuePairs) {
                $inner = $null
                if ($pair.Item2.GetType().Name -eq 'PipelineAst' -and $pair.Item2.PipelineElements.Count -eq 1 -and $pair.Item2.PipelineElements[0].GetType().Name -eq 'CommandExpressionAst') {
                    $inner = Get-Value $pair.Item2.PipelineElements[0].Expression
                }
                [ordered]@{ name = $pair.Item1.Extent.Text.Trim([char[]] (39, 34)); constant = ($pair.Item1.GetType().Name -eq 'StringConstantExpressionAst'); value = $inner }
            })
        }
        'ConvertExpressionAst' {
            $inner = Get-Value $Ast.Child
            if ($inner.kind -eq 'table') { return $inner }
        }
    }
    $value
}

# The tree is walked once, and by a compiled predicate: a script block for each node and each question took most of the time of the test.
$everyNode = [System.Linq.Expressions.Expression]::Lambda(
    [System.Func[System.Management.Automation.Language.Ast, bool]],
    [System.Linq.Expressions.Expression]::Constant($true),
    [System.Linq.Expressions.ParameterExpression[]] @([System.Linq.Expressions.Expression]::Parameter([System.Management.Automation.Language.Ast], 'node'))).Compile()
$nodes = @{}
$position = 0
foreach ($node in $tree.FindAll($everyNode, $true)) {
    $kind = $node.GetType().Name
    if (-not $nodes.ContainsKey($kind)) { $nodes[$kind] = [System.Collections.Generic.List[object]]::new() }
    $nodes[$kind].Add(@{ At = $position++; Node = $node })
}

function Get-Nodes {
    # The nodes of these types, in the order of the tree.
    param([string[]] $TypeName)
    $found = @(foreach ($kind in $TypeName) { if ($nodes.ContainsKey($kind)) { $nodes[$kind] } })
    if ($TypeName.Count -gt 1) { $found = @($found | Sort-Object { $_.At }) }
    , @(foreach ($one in $found) { $one.Node })
}

function Get-PropertyOrNull {
    # A property that only newer parsers have.
    param($InputObject, [string] $Name)
    $property = $InputObject.GetType().GetProperty($Name)
    if ($null -eq $property) { return $null }
    $property.GetValue($InputObject)
}

$newer = [System.Collections.Generic.List[object]]::new()
function Add-Newer { param($Extent, [string] $What) $newer.Add([ordered]@{ line = $Extent.StartLineNumber; what = $What; text = $Extent.Text }) }

$commands = @(foreach ($command in (Get-Nodes 'CommandAst')) {
    $name = $command.GetCommandName()
    $first = $command.CommandElements[0]
    $pipeline = $command.Parent
    $fed = $false
    if ($pipeline.GetType().Name -eq 'PipelineAst') { $fed = $pipeline.PipelineElements.IndexOf($command) -gt 0 }
    $arguments = [System.Collections.Generic.List[object]]::new()
    for ($at = 1; $at -lt $command.CommandElements.Count; $at++) {
        $element = $command.CommandElements[$at]
        if ($element.GetType().Name -eq 'CommandParameterAst') {
            $arguments.Add([ordered]@{ kind = 'parameter'; name = $element.ParameterName; value = Get-Value $element.Argument; attached = ($null -ne $element.Argument) })
        }
        elseif ($element.GetType().Name -eq 'VariableExpressionAst' -and $element.Splatted) {
            $arguments.Add([ordered]@{ kind = 'splat'; name = $element.VariablePath.UserPath; value = $null; attached = $false })
        }
        else { $arguments.Add([ordered]@{ kind = 'value'; name = $null; value = Get-Value $element; attached = $false }) }
    }
    [ordered]@{
        line = $command.Extent.StartLineNumber
        name = $name
        head = $first.Extent.Text
        headKind = $first.GetType().Name
        operator = $command.InvocationOperator.ToString()
        fed = $fed
        arguments = $arguments.ToArray()
    }
})

$tables = @(foreach ($assignment in (Get-Nodes 'AssignmentStatementAst')) {
    $left = $assignment.Left
    if ($left.GetType().Name -eq 'ConvertExpressionAst') { $left = $left.Child }
    $right = $assignment.Right
    $value = $null
    if ($right.GetType().Name -eq 'CommandExpressionAst') { $value = Get-Value $right.Expression }
    if ($left.GetType().Name -eq 'VariableExpressionAst') {
        [ordered]@{ line = $assignment.Extent.StartLineNumber; variable = $left.VariablePath.UserPath; key = $null; value = $value }
    }
    elseif ($left.GetType().Name -eq 'IndexExpressionAst' -and $left.Target.GetType().Name -eq 'VariableExpressionAst') {
        [ordered]@{ line = $assignment.Extent.StartLineNumber; variable = $left.Target.VariablePath.UserPath; key = $left.Index.Extent.Text.Trim([char[]] (39, 34)); value = $value }
    }
    elseif ($left.GetType().Name -eq 'MemberExpressionAst' -and $left.Expression.GetType().Name -eq 'VariableExpressionAst') {
        [ordered]@{ line = $assignment.Extent.StartLineNumber; variable = $left.Expression.VariablePath.UserPath; key = $left.Member.Extent.Text; value = $value }
    }
})

foreach ($node in (Get-Nodes 'TernaryExpressionAst')) { Add-Newer $node.Extent 'ternary' }
foreach ($node in (Get-Nodes 'PipelineChainAst')) { Add-Newer $node.Extent 'pipeline chain' }
foreach ($node in (Get-Nodes @('BinaryExpressionAst', 'AssignmentStatementAst'))) {
    if ($node.Operator.ToString() -in 'QuestionQuestion', 'QuestionQuestionEquals') { Add-Newer $node.Extent 'null coalescing' }
}
foreach ($node in (Get-Nodes @('MemberExpressionAst', 'InvokeMemberExpressionAst', 'IndexExpressionAst'))) {
    if ((Get-PropertyOrNull $node 'NullConditional') -eq $true) { Add-Newer $node.Extent 'null-conditional' }
    $generic = Get-PropertyOrNull $node 'GenericTypeArguments'
    if (@($generic).Count -gt 0 -and $null -ne @($generic)[0]) { Add-Newer $node.Extent 'generic method arguments' }
}
foreach ($node in (Get-Nodes @('PipelineAst', 'PipelineChainAst'))) {
    if ((Get-PropertyOrNull $node 'Background') -eq $true) { Add-Newer $node.Extent 'background job' }
}
foreach ($node in (Get-Nodes 'ScriptBlockAst')) {
    if ($null -ne (Get-PropertyOrNull $node 'CleanBlock')) { Add-Newer $node.CleanBlock.Extent 'clean block' }
}
foreach ($node in (Get-Nodes 'ConstantExpressionAst')) {
    # 0b1, 1y, 1us, 1n ...: 5.1 knows hexadecimal, l, d and the sizes kb to pb.
    if ($node.Extent.Text -match '^[-+]?(0b[01]+|[0-9.]+(e[-+]?[0-9]+)?(y|uy|s|us|u|ul|n)(kb|mb|gb|tb|pb)?|0x[0-9a-f]+(uy|y|us|s|ul|u|n)(kb|mb|gb|tb|pb)?|0b[01]+\w*)$') { Add-Newer $node.Extent 'number literal' }
}
foreach ($token in $tokens) {
    if ($token.Kind.ToString() -in 'StringExpandable', 'HereStringExpandable' -and $token.Text -match '(?<!`)(``)*`(u\{|e)') { Add-Newer $token.Extent 'escape sequence' }
}
foreach ($node in (Get-Nodes 'VariableExpressionAst')) {
    $name = $node.VariablePath.UserPath
    if ($name -in 'IsLinux', 'IsWindows', 'IsMacOS', 'IsCoreCLR', 'EnabledExperimentalFeatures', 'PSStyle', 'PSNativeCommandArgumentPassing', 'PSNativeCommandUseErrorActionPreference') { Add-Newer $node.Extent 'automatic variable' }
    if ($name -match '^.+\?$') { Add-Newer $node.Extent 'variable name that ends with a question mark' }
}

$stops = @(foreach ($node in (Get-Nodes @('ExitStatementAst', 'InvokeMemberExpressionAst', 'MemberExpressionAst', 'VariableExpressionAst', 'TypeExpressionAst', 'TypeConstraintAst', 'UsingStatementAst', 'FileRedirectionAst'))) {
    $kind = $node.GetType().Name
    $what = $null
    switch ($kind) {
        'ExitStatementAst' { $what = 'exit' }
        'UsingStatementAst' { $what = 'using' }
        'FileRedirectionAst' { $what = 'redirection to a file' }
        'VariableExpressionAst' { if ($node.VariablePath.UserPath -match '^global:') { $what = 'global variable' } }
        { $_ -in 'TypeExpressionAst', 'TypeConstraintAst' } {
            if ($node.TypeName.FullName -match '^(System\.)?(Text\.Json\.|Half$|HashCode$|Net\.Sockets\.UnixDomainSocketEndPoint|Management\.Automation\.SemanticVersion|Diagnostics\.Process$)|^semver$') { $what = 'type ' + $node.TypeName.FullName }
        }
        default {
            $member = $node.Member.Extent.Text
            $owner = $node.Expression.Extent.Text
            if ($owner -match '^\[(System\.)?Console\]$' -and $member -match '^(Read|In$|OpenStandardInput|OpenStandardOutput|SetIn|SetOut|Out$|Write)') { $what = 'console ' + $member }
            elseif ($owner -match '^\$Host(\.UI)?$' -and $member -match '^(Read|Prompt|UI$|SetShouldExit|EnterNestedPrompt|ExitNestedPrompt)') { $what = 'host ' + $member }
            elseif ($owner -match '^\[(System\.)?Environment\]$' -and $member -match '^(Exit|FailFast)') { $what = 'environment ' + $member }
            elseif ($owner -match '\[(System\.)?Diagnostics\.Process\]' -and $member -eq 'Start') { $what = 'process start' }
            elseif ($owner -match '^\[(System\.Management\.Automation\.)?(ScriptBlock|PowerShell)\]$' -and $member -eq 'Create') { $what = 'script text made at run time' }
        }
    }
    if ($what) { [ordered]@{ line = $node.Extent.StartLineNumber; what = $what; text = $node.Extent.Text } }
})

$help = $tree.GetHelpContent()
$parameters = @(if ($null -ne $tree.ParamBlock) { foreach ($parameter in $tree.ParamBlock.Parameters) { $parameter.Name.VariablePath.UserPath } })
$statements = @(if ($null -ne $tree.EndBlock) { foreach ($statement in $tree.EndBlock.Statements) { $statement.Extent.Text.Split([char] 10)[0] } })
Send-Result ([ordered]@{
    problems = @(foreach ($problem in $problems) { [ordered]@{ line = $problem.Extent.StartLineNumber; message = $problem.Message } })
    commands = $commands
    tables = $tables
    wanted = @(foreach ($node in (Get-Nodes 'HashtableAst')) { $one = Get-Value $node; if (@($one['keys'] | Where-Object { $_['name'] -eq 'class' }).Count -gt 0) { [ordered]@{ line = $node.Extent.StartLineNumber; value = $one } } })
    functions = @(foreach ($node in (Get-Nodes 'FunctionDefinitionAst')) { $node.Name })
    newer = $newer.ToArray()
    stops = $stops
    synopsis = $(if ($null -ne $help) { $help.Synopsis })
    helpParameters = @(if ($null -ne $help) { foreach ($key in $help.Parameters.Keys) { $key } })
    parameters = $parameters
    binding = ($null -ne $tree.ParamBlock -and @($tree.ParamBlock.Attributes | Where-Object { $_.TypeName.Name -eq 'CmdletBinding' }).Count -gt 0)
    statements = @($statements | Select-Object -First 3)
})
