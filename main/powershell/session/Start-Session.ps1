<#
.SYNOPSIS
Serves the runner: JSON lines in on stdin, marked JSON lines out on stdout, one script at a time in a runspace of its own.
.DESCRIPTION
Dot-sourced by the runner's first line, which sets $QuorateMark, $QuorateSupportPath and $QuorateModules.
In:  {"kind":"run","id":1,"name":"Get-HostFact","path":"...","sha256":"...","input":{...}}, {"kind":"cancel","id":1}
Out: ready, progress, notice, end, stopped; each line is the mark, then JSON. Everything else on stdout is chatter.
The main thread waits for the next line and for the running script at once; a script is ended by BeginStop.
Windows PowerShell 5.1 and PowerShell 7 syntax, ASCII only.
#>

. $QuorateSupportPath

$quorateOut = [System.Console]::OpenStandardOutput()
$quorateIn = [System.IO.StreamReader]::new([System.Console]::OpenStandardInput(), [System.Text.Encoding]::ASCII, $false, 65536)

# What the worker runspace holds besides the support functions.
$quorateWorkerText = {
    $script:QuorateScripts = @{}

    function Get-VerifiedScript {
        # Reads a script once, runs nothing but the very bytes whose digest was asked for, and keeps it parsed.
        param($Request)
        $known = $script:QuorateScripts[$Request['sha256']]
        if ($null -ne $known) { return $known }
        $bytes = [System.IO.File]::ReadAllBytes($Request['path'])
        try { $hasher = [System.Security.Cryptography.SHA256CryptoServiceProvider]::new() }
        catch { $hasher = [System.Security.Cryptography.SHA256]::Create() }
        $digest = ConvertTo-HexText ($hasher.ComputeHash($bytes))
        if ($digest -cne $Request['sha256']) {
            Stop-Script -Id 'Quorate.ScriptAltered' -Category SecurityError -Message "The script $($Request['path']) is not the one that was built."
        }
        $tokens = $null
        $problems = $null
        $text = [System.Text.Encoding]::ASCII.GetString($bytes)
        $tree = [System.Management.Automation.Language.Parser]::ParseInput($text, $Request['path'], [ref] $tokens, [ref] $problems)
        if ($problems.Count -gt 0) {
            Stop-Script -Id 'Quorate.ScriptUnreadable' -Category ParserError -Message "The script $($Request['path']) cannot be read: $($problems[0].Message)"
        }
        $known = $tree.GetScriptBlock()
        $script:QuorateScripts[$Request['sha256']] = $known
        $known
    }

    function Invoke-QuorateScript {
        # The request arrives in a variable, not in an argument, so that module logging does not write its secrets.
        $request = $script:QuorateRequest
        $script:QuorateRequest = $null
        $script:QuorateCall = @{ Sent = $false; Data = $null }
        [System.Threading.Thread]::CurrentThread.CurrentCulture = [System.Globalization.CultureInfo]::InvariantCulture
        # Global, because the functions of a module (every CIM module of Windows is made of such) look there and not in the
        # scope of the script that calls them: a preference of the script alone would let their errors pass.
        $global:ErrorActionPreference = 'Stop'
        $global:ConfirmPreference = 'None'
        try {
            $verified = Get-VerifiedScript $request
            $parameters = $request['input']
            if ($null -eq $parameters) { $parameters = @{} }
            & {
                $VerbosePreference = 'SilentlyContinue'
                $InformationPreference = 'SilentlyContinue'
                Set-StrictMode -Version 3.0
                & $verified @parameters
            } | Out-Null
            if (-not $script:QuorateCall.Sent) {
                Stop-Script -Id 'Quorate.NoResult' -Category InvalidResult -Message "The script $($request['name']) ended without a result."
            }
            return '{"ok":true,"data":' + (ConvertTo-WireJson $script:QuorateCall.Data) + '}'
        }
        catch [System.Management.Automation.PipelineStoppedException] { throw }
        catch {
            return '{"ok":false,"error":' + (ConvertTo-WireJson (ConvertFrom-ErrorRecord $_)) + '}'
        }
        finally { $script:QuorateCall = $null }
    }
}.ToString()

function Write-SessionLine {
    # A line begins on a fresh line even after chatter that had no line end.
    param([string] $Json)
    $bytes = [System.Text.Encoding]::ASCII.GetBytes("`n" + $QuorateMark + $Json + "`n")
    $quorateOut.Write($bytes, 0, $bytes.Length)
    $quorateOut.Flush()
}

function Write-SessionStream {
    # Sends what the running script wrote to its streams since the last look.
    param($Job)
    $streams = $Job.Shell.Streams
    if ($streams.Progress.Count -gt 0) {
        foreach ($record in $streams.Progress.ReadAll()) {
            Write-SessionLine (ConvertTo-WireJson ([ordered]@{
                kind = 'progress'; id = $Job.Id; activityId = $record.ActivityId; activity = $record.Activity; status = $record.StatusDescription
                operation = $record.CurrentOperation; percent = $record.PercentComplete; secondsLeft = $record.SecondsRemaining
                completed = ($record.RecordType.ToString() -eq 'Completed')
            }))
        }
    }
    foreach ($level in 'Warning', 'Verbose', 'Debug', 'Information', 'Error') {
        $stream = $streams.$level
        if ($stream.Count -eq 0) { continue }
        foreach ($record in $stream.ReadAll()) {
            $notice = [ordered]@{ kind = 'notice'; id = $Job.Id; level = $level.ToLowerInvariant(); text = [string] $record; error = $null }
            if ($level -eq 'Error') {
                $notice.error = ConvertFrom-ErrorRecord $record
                $notice.text = $notice.error.message
            }
            Write-SessionLine (ConvertTo-WireJson $notice)
        }
    }
}

function Start-SessionJob {
    param($Request)
    $quorateRunspace.SessionStateProxy.SetVariable('QuorateRequest', $Request)
    $shell = [powershell]::Create()
    $shell.Runspace = $quorateRunspace
    [void] $shell.AddCommand('Invoke-QuorateScript')
    @{ Id = $Request['id']; Shell = $shell; Run = $shell.BeginInvoke(); Stop = $null }
}

function Complete-SessionJob {
    param($Job)
    $envelope = $null
    try { foreach ($item in $Job.Shell.EndInvoke($Job.Run)) { $envelope = [string] $item } }
    catch {
        $cause = $_.Exception.GetBaseException()
        if ($cause -isnot [System.Management.Automation.PipelineStoppedException]) {
            $envelope = '{"ok":false,"error":' + (ConvertTo-WireJson (ConvertFrom-ErrorRecord $_)) + '}'
        }
    }
    Write-SessionStream $Job
    if ($null -eq $envelope -and $null -eq $Job.Stop) {
        # Nobody asked it to stop: the script ended the pipeline itself, with exit.
        $envelope = '{"ok":false,"error":{"id":"Quorate.ScriptExited","category":"InvalidOperation","hresult":null,"win32":null,' +
        '"message":"The script ended its session","at":{"script":null,"line":null,"command":null,"target":null}}}'
    }
    if ($null -ne $envelope) { Write-SessionLine ('{"kind":"end","id":' + $Job.Id + ',"envelope":' + $envelope + '}') }
    else { Write-SessionLine ('{"kind":"stopped","id":' + $Job.Id + '}') }
    $Job.Shell.Dispose()
}

# CreateDefault2 holds the core commands alone; the rest is found by name when it is called.
$quorateRunspace = [runspacefactory]::CreateRunspace([initialsessionstate]::CreateDefault2())
$quorateRunspace.ThreadOptions = 'ReuseThread'
$quorateRunspace.Open()
$quorateShell = [powershell]::Create()
$quorateShell.Runspace = $quorateRunspace
[void] $quorateShell.AddScript([System.IO.File]::ReadAllText($QuorateSupportPath), $false).AddStatement().AddScript($quorateWorkerText, $false)
foreach ($quorateModule in $QuorateModules) {
    [void] $quorateShell.AddStatement().AddCommand('Import-Module').AddParameter('Name', $quorateModule).AddParameter('Global', $true).AddParameter('ErrorAction', 'Stop')
}
try { [void] $quorateShell.Invoke() }
catch {
    # The error itself is told, by its own id, not the call that it came through.
    $quorateCause = $_.Exception.GetBaseException()
    if ($null -ne $quorateCause.PSObject.Properties['ErrorRecord']) { throw $quorateCause.ErrorRecord }
    throw
}
if ($quorateShell.HadErrors) { throw $quorateShell.Streams.Error[0] }
$quorateShell.Dispose()

$quorateLine = $quorateIn.ReadLineAsync()
$quorateJob = $null
Write-SessionLine (ConvertTo-WireJson ([ordered]@{
    kind = 'ready'; version = $PSVersionTable.PSVersion.ToString(); edition = [string] $PSVersionTable['PSEdition']
    processId = $PID; culture = [System.Globalization.CultureInfo]::CurrentUICulture.Name
}))

while ($true) {
    $quorateHandles = [System.Collections.Generic.List[System.Threading.WaitHandle]]::new()
    $quorateHandles.Add(([System.IAsyncResult] $quorateLine).AsyncWaitHandle)
    $quorateWaitMs = -1
    if ($null -ne $quorateJob) {
        $quorateHandles.Add($quorateJob.Run.AsyncWaitHandle)
        $quorateWaitMs = 25
    }
    [void] [System.Threading.WaitHandle]::WaitAny($quorateHandles.ToArray(), $quorateWaitMs)
    if ($null -ne $quorateJob) {
        if ($quorateJob.Run.IsCompleted) { Complete-SessionJob $quorateJob; $quorateJob = $null }
        else { Write-SessionStream $quorateJob }
    }
    if (-not $quorateLine.IsCompleted) { continue }
    $quorateText = $quorateLine.Result
    # The end of stdin is the end of the runner: what still runs is ended with it.
    if ($null -eq $quorateText) { break }
    if ($quorateText.Length -gt 0) {
        $quorateMessage = ConvertFrom-WireJson $quorateText
        if ($quorateMessage['kind'] -eq 'run') { $quorateJob = Start-SessionJob $quorateMessage }
        elseif ($quorateMessage['kind'] -eq 'cancel' -and $null -ne $quorateJob -and $quorateJob.Id -eq $quorateMessage['id'] -and $null -eq $quorateJob.Stop) {
            $quorateJob.Stop = $quorateJob.Shell.BeginStop($null, $null)
        }
    }
    $quorateText = $null
    $quorateMessage = $null
    $quorateLine = $quorateIn.ReadLineAsync()
}
[System.Environment]::Exit(0)
