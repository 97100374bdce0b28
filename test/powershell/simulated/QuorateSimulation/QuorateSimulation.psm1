# What the generated functions share: asking the world process, and making true objects and errors of its answers.
# Windows PowerShell 5.1 and PowerShell 7. What is asked is written by the session's own functions (Script-Support.ps1).

$script:Stream = $null
$script:Socket = $null
$script:Reader = $null
$script:NextId = 1

# What Get-Acl gives has a method, which changes the object alone; Set-Acl then takes it to the server.
Update-TypeData -TypeName 'System.Security.AccessControl.DirectorySecurity' -MemberType ScriptMethod -MemberName 'SetSecurityDescriptorSddlForm' -Force -Value {
    param([string] $Text)
    $this.Sddl = $Text
}

function Import-AnswerLibrary {
    # WorldAnswers.cs, compiled once for each of its states and for each PowerShell, for the modules of every server.
    $source = [System.IO.Path]::Combine($PSScriptRoot, 'WorldAnswers.cs')
    $digest = (Get-FileHash -LiteralPath $source -Algorithm SHA256).Hash.Substring(0, 16).ToLowerInvariant()
    $library = [System.IO.Path]::GetFullPath([System.IO.Path]::Combine($PSScriptRoot, '..', '..', "answers-$digest-$($PSVersionTable.PSVersion).dll"))
    if (-not [System.IO.File]::Exists($library)) {
        $half = "$library.$PID.dll"
        Add-Type -TypeDefinition ([System.IO.File]::ReadAllText($source)) -OutputAssembly $half
        # Another process may have been quicker; what it compiled is the same.
        try { [System.IO.File]::Move($half, $library) } catch { [System.IO.File]::Delete($half) }
    }
    Add-Type -Path $library
}

function New-SimulationError {
    param([string] $Id, [string] $Category, [string] $Message, $Target, $HResult, $Win32)
    if ($null -ne $HResult -and [long] $HResult -ne 0) {
        $number = [long] $HResult
        if ($number -gt 2147483647) { $number = $number - 4294967296 }
        $exception = [System.Runtime.InteropServices.COMException]::new($Message, [int] $number)
    }
    elseif ($null -ne $Win32) { $exception = [System.ComponentModel.Win32Exception]::new([int] $Win32, $Message) }
    else { $exception = [System.InvalidOperationException]::new($Message) }
    $parsed = [System.Management.Automation.ErrorCategory]::NotSpecified
    [void] [System.Enum]::TryParse($Category, [ref] $parsed)
    [System.Management.Automation.ErrorRecord]::new($exception, $Id, $parsed, $Target)
}

function Connect-World {
    # A world that ended hung up. Another one may stand at its address by now: seen before anything is sent, so that nothing is asked twice.
    if ($null -ne $script:Socket -and $script:Socket.Poll(0, [System.Net.Sockets.SelectMode]::SelectRead) -and $script:Socket.Available -eq 0) { Disconnect-World }
    if ($null -ne $script:Stream) { return }
    $address = [System.Environment]::GetEnvironmentVariable('QUORATE_WORLD')
    if (-not $address) { throw (New-SimulationError 'NotModelled' 'NotImplemented' 'No world process is named by QUORATE_WORLD.') }
    if ($address.StartsWith('\\.\pipe\')) {
        $pipe = [System.IO.Pipes.NamedPipeClientStream]::new('.', $address.Substring(9), [System.IO.Pipes.PipeDirection]::InOut, [System.IO.Pipes.PipeOptions]::Asynchronous)
        $pipe.Connect(5000)
        $script:Stream = $pipe
    }
    else {
        $socket = [System.Net.Sockets.Socket]::new([System.Net.Sockets.AddressFamily]::Unix, [System.Net.Sockets.SocketType]::Stream, [System.Net.Sockets.ProtocolType]::Unspecified)
        try { $socket.Connect([System.Net.Sockets.UnixDomainSocketEndPoint]::new($address)) }
        catch { throw (New-SimulationError 'WorldGone' 'ConnectionError' 'The world process ended the connection.') }
        $script:Socket = $socket
        $script:Stream = [System.Net.Sockets.NetworkStream]::new($socket, $true)
    }
    $script:Reader = [System.IO.StreamReader]::new($script:Stream, [System.Text.UTF8Encoding]::new($false))
}

function Disconnect-World {
    if ($null -ne $script:Stream) { $script:Stream.Dispose() }
    $script:Stream = $null
    $script:Socket = $null
    $script:Reader = $null
}

function ConvertTo-PlainValue {
    # A bound argument as the world takes it: simulated objects as $type and props, secrets as text, enumerations as names.
    param($Value)
    if ($null -eq $Value) { return $null }
    $base = $Value.PSObject.BaseObject
    if ($base -is [switch]) { return [bool] $base }
    if ($base -is [enum]) { return $base.ToString() }
    if ($base -is [securestring]) { return ConvertFrom-Secret $base }
    if ($base -is [pscredential]) { return [ordered]@{ userName = $base.UserName; password = (ConvertFrom-Secret $base.Password) } }
    if ($base -is [datetime]) { return [ordered]@{ '$date' = (ConvertTo-IsoDate $base) } }
    if ($base -is [timespan] -or $base -is [uri] -or $base -is [char]) { return $base.ToString() }
    if ($base -is [System.Collections.IDictionary]) {
        $table = [ordered]@{}
        foreach ($entry in $base.GetEnumerator()) { $table[[string] $entry.Key] = ConvertTo-PlainValue $entry.Value }
        return $table
    }
    if ($base -is [System.Management.Automation.PSCustomObject]) {
        $properties = [ordered]@{}
        foreach ($property in $Value.PSObject.Properties) {
            if ($property.Name -notin 'CimInstanceProperties', 'CimSystemProperties', 'CimClass') { $properties[$property.Name] = ConvertTo-PlainValue $property.Value }
        }
        return [ordered]@{ '$type' = $Value.PSObject.TypeNames[0]; props = $properties }
    }
    if ($base -is [System.Collections.IEnumerable] -and $base -isnot [string]) {
        $items = [System.Collections.Generic.List[object]]::new()
        foreach ($item in $base) { $items.Add((ConvertTo-PlainValue $item)) }
        return , $items.ToArray()
    }
    $base
}

function ConvertFrom-WorldValue {
    param($Value)
    try { , $script:Maker.Make($Value) }
    catch [Quorate.Simulation.UntrueAnswerException] { throw (New-SimulationError 'SimulationUntrue' 'InvalidData' $_.Exception.GetBaseException().Message) }
}

function Add-SimulatedSetter {
    # Properties that take effect when they are set, as those of a cluster's objects do: (Get-ClusterGroup X).Priority = 3000.
    param($Object, [hashtable] $Settable)
    foreach ($name in $Settable['names']) {
        $cell = @{ Value = $Object.PSObject.Properties[$name].Value }
        $of = [string] $Settable['of']
        $key = [string] $Settable['key']
        $get = { $cell.Value }.GetNewClosure()
        $send = ${function:Set-SimulatedProperty}
        $set = {
            param($given)
            & $send $of $name $key $given
            $cell.Value = $given
        }
        $Object.PSObject.Properties.Remove($name)
        $Object.PSObject.Properties.Add([psscriptproperty]::new($name, $get, $set.GetNewClosure()))
    }
}

function Set-SimulatedProperty {
    # A refusal comes out of the setter as an exception, with Windows' number inside.
    param([string] $Of, [string] $Name, [string] $Key, $Value)
    # A list of texts, as AntiAffinityClassNames is, goes with semicolons.
    $text = if ($Value -is [System.Collections.Specialized.StringCollection]) { @($Value) -join ';' } else { [string] $Value }
    $reply = Send-WorldRequest "$Of.$Name" ([ordered]@{ Key = $Key; Value = $text })
    if ($reply['ok']) { return }
    $problem = $reply['error']
    throw (New-SimulationError ([string] $problem['id']) $problem['category'] ([string] $problem['message']) $problem['target'] $problem['hresult'] $problem['win32'])
}

function Send-WorldRequest {
    param([string] $Cmdlet, $Parameters)
    Connect-World
    $id = $script:NextId++
    $line = ConvertTo-WireJson ([ordered]@{
        id = $id; server = [System.Environment]::GetEnvironmentVariable('QUORATE_WORLD_SERVER'); who = 'PowerShell'; cmdlet = $Cmdlet; parameters = $Parameters
    })
    $bytes = [System.Text.Encoding]::ASCII.GetBytes($line + "`n")
    try {
        $script:Stream.Write($bytes, 0, $bytes.Length)
        $script:Stream.Flush()
        $pending = $script:Reader.ReadLineAsync()
        # In short waits, so that the pipeline can be stopped between them.
        while (-not $pending.Wait(50)) { }
        $answer = $pending.Result
    }
    catch [System.Management.Automation.PipelineStoppedException] { Disconnect-World; throw }
    catch { $answer = $null }
    if ($null -eq $answer) {
        Disconnect-World
        throw (New-SimulationError 'WorldGone' 'ConnectionError' 'The world process ended the connection.')
    }
    $reply = [Quorate.Simulation.Json]::Parse($answer)
    # A server that restarts or lost its power takes this process with it.
    if ($reply['gone']) { [System.Environment]::Exit(1) }
    $reply
}

function Invoke-SimulatedProgram {
    # A native program: its command line goes to the world, and a refusal is an exit code.
    param([string] $Name, $Arguments)
    $reply = Send-WorldRequest $Name ([ordered]@{ Arguments = @(foreach ($argument in $Arguments) { [string] $argument }) })
    $global:LASTEXITCODE = 0
    if ($reply['ok']) { return 'The operation completed successfully.' }
    $problem = $reply['error']
    if (([string] $problem['id']).StartsWith('NotModelled')) { throw (New-SimulationError ([string] $problem['id']) 'NotImplemented' ([string] $problem['message'])) }
    $code = 1
    if ($null -ne $problem['win32']) { $code = [long] $problem['win32'] }
    elseif ($null -ne $problem['hresult'] -and [long] $problem['hresult'] -ne 0) { $code = [long] $problem['hresult'] }
    if ($code -gt 2147483647) { $code = $code - 4294967296 }
    $global:LASTEXITCODE = [int] $code
    [string] $problem['message']
}

function Invoke-SimulatedCall {
    # One call of a generated function: refused when it asks for what no world can play, else answered by the world.
    param([System.Management.Automation.PSCmdlet] $Caller, $Bound, [bool] $CanConfirm)
    $name = $Caller.MyInvocation.MyCommand.Name
    $parameters = [ordered]@{}
    foreach ($entry in $Bound.GetEnumerator()) {
        if ($entry.Key -in 'Verbose', 'Debug', 'ErrorAction', 'WarningAction', 'InformationAction', 'ErrorVariable', 'WarningVariable', 'InformationVariable', 'OutVariable', 'OutBuffer', 'PipelineVariable', 'ProgressAction', 'WhatIf', 'Confirm') { continue }
        if ($entry.Key -in 'AsJob', 'CimSession', 'ThrottleLimit', 'ComputerName') { throw (New-SimulationError "NotModelled,$name" 'NotImplemented' "$name -$($entry.Key) is not modelled.") }
        $parameters[$entry.Key] = ConvertTo-PlainValue $entry.Value
    }
    if ($CanConfirm -and -not $Caller.ShouldProcess($name)) { return }
    $reply = Send-WorldRequest $name $parameters
    foreach ($text in @($reply['verbose'])) { if ($null -ne $text) { $Caller.WriteVerbose([string] $text) } }
    foreach ($text in @($reply['warnings'])) { if ($null -ne $text) { $Caller.WriteWarning([string] $text) } }
    foreach ($step in @($reply['progress'])) {
        if ($null -eq $step) { continue }
        $record = [System.Management.Automation.ProgressRecord]::new(1, [string] $step['activity'], [string] $step['status'])
        if ($null -ne $step['percent']) { $record.PercentComplete = [int] $step['percent'] }
        $Caller.WriteProgress($record)
    }
    # What goes on until it is cancelled: the engine is told from outside, while it waits here.
    while ($reply['untilStopped'] -and -not $Caller.Stopping) { [System.Threading.Thread]::Sleep(10) }
    foreach ($problem in @($reply['errors'])) {
        if ($null -ne $problem) { $Caller.WriteError((New-SimulationError (([string] $problem['id']).Split(',')[0]) $problem['category'] $problem['message'] $problem['target'] $problem['hresult'] $problem['win32'])) }
    }
    if ($reply['ok']) {
        # What a cmdlet with -PassThru changed comes back only when that was asked for.
        if ($Caller.MyInvocation.MyCommand.Parameters.ContainsKey('PassThru') -and -not ($Bound.ContainsKey('PassThru') -and $Bound['PassThru'])) { return }
        foreach ($answer in @($reply['objects'])) { if ($null -ne $answer) { ConvertFrom-WorldValue $answer } }
        return
    }
    $problem = $reply['error']
    if ($null -eq $problem) { $problem = @{ id = 'NotModelled'; category = 'NotImplemented'; message = "The world failed at ${name}: $(ConvertTo-WireJson $reply['failure'])" } }
    $full = [string] $problem['id']
    $short, $command = $full.Split([char[]] ',', 2)
    if ($command -eq $name -and -not $problem['terminating']) {
        # The engine adds the function's name, as it does for the CIM modules' own functions.
        $Caller.WriteError((New-SimulationError $short $problem['category'] $problem['message'] $problem['target'] $problem['hresult'] $problem['win32']))
        return
    }
    $record = New-SimulationError $full $problem['category'] $problem['message'] $problem['target'] $problem['hresult'] $problem['win32']
    # Compiled cmdlets: the error is the cmdlet's own, as it is on Windows.
    if ($name -match '-(Cluster|VM|IscsiVirtualDisk|IscsiServerTarget|IscsiTargetServer)') { $Caller.ThrowTerminatingError($record) }
    throw $record
}

function Invoke-SimulatedBatch {
    # A reader with whatever came through the pipeline, in one request; without a pipeline as any other call.
    param([System.Management.Automation.PSCmdlet] $Caller, $Bound, [string] $Name, $Batch, [bool] $IsPiped)
    if ($IsPiped -and $Batch.Count -eq 0) { return }
    $given = @{}
    foreach ($entry in $Bound.GetEnumerator()) { $given[$entry.Key] = $entry.Value }
    if ($IsPiped) { $given[$Name] = $Batch.ToArray() }
    Invoke-SimulatedCall $Caller $given $false
}

Import-AnswerLibrary
$script:Maker = [Quorate.Simulation.ObjectMaker]::new([System.IO.Path]::Combine($PSScriptRoot, 'classes'))
$script:Maker.OnSettable = { param($Object, $Settable) Add-SimulatedSetter $Object $Settable }
[Quorate.IcmpApi]::Ask = {
    param($source, $destination, $bytes, $dontFragment)
    $reply = Send-WorldRequest 'IcmpSendEcho2Ex' ([ordered]@{ Source = $source; Destination = $destination; PayloadBytes = $bytes; DontFragment = $dontFragment })
    if (-not $reply['ok']) { throw (New-SimulationError ([string] $reply['error']['id']) 'NotImplemented' ([string] $reply['error']['message'])) }
    [int] @($reply['objects'])[0]
}

[Quorate.DirectorySearcher]::Ask = {
    param($filter, $properties)
    $reply = Send-WorldRequest 'DirectorySearcher' ([ordered]@{ Filter = $filter; PropertiesToLoad = $properties })
    if (-not $reply['ok']) {
        $problem = $reply['error']
        throw (New-SimulationError ([string] $problem['id']) $problem['category'] ([string] $problem['message']) $null $problem['hresult'] $null)
    }
    $found = @($reply['objects'])
    if ($found.Count -eq 0) { return $null }
    , [string[]] @($found[0]['props']['Properties'])
}

Export-ModuleMember -Function Invoke-SimulatedBatch, Invoke-SimulatedCall, Invoke-SimulatedProgram
