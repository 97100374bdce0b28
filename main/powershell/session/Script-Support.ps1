<#
.SYNOPSIS
Functions that every script of Quorate may use: projection, result, failure, and the JSON of the wire.
.DESCRIPTION
Loaded into each session before a script runs, and put in front of the text that --script prints.
Windows PowerShell 5.1 and PowerShell 7 syntax, ASCII only, no command outside Microsoft.PowerShell.Core.
docs/scripts.md describes each function.
#>

$script:QuorateCall = $null
$script:QuorateInvariant = [System.Globalization.CultureInfo]::InvariantCulture
$script:QuorateUnsafeText = [regex]::new('[^ !#-\[\]-~]')
$script:QuorateJsonToken = [regex]::new('"(?:[^"\\]|\\.)*"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null|[{}\[\],:]|[^\s]')

# ---- Projection -------------------------------------------------------------------------------------------------

function ConvertTo-IsoDate {
    <# .SYNOPSIS A date as ISO 8601 in UTC with milliseconds; null stays null. A date without a zone is local time. #>
    param([AllowNull()] $Value)
    if ($null -eq $Value) { return $null }
    if ($Value -is [System.DateTimeOffset]) { $utc = $Value.UtcDateTime } else { $utc = ([datetime] $Value).ToUniversalTime() }
    $utc.ToString('yyyy-MM-dd\THH:mm:ss.fff\Z', $script:QuorateInvariant)
}

function ConvertTo-EnumName {
    <#
    .SYNOPSIS
    An enumeration's name. A number is looked up in Map (number -> name); a number that Map lacks comes out as its digits.
    .DESCRIPTION
    Works alike for a .NET enumeration, for a CIM number, and for a module that already shows the name as a string.
    #>
    param([AllowNull()] $Value, [System.Collections.IDictionary] $Map)
    if ($null -eq $Value) { return $null }
    $base = $Value.PSObject.BaseObject
    if ($base -is [enum] -and -not $Map) { return $base.ToString() }
    if ($base -is [string] -and $base -notmatch '^-?[0-9]+$') { return $base }
    $number = [long] $base
    if ($Map) {
        foreach ($entry in $Map.GetEnumerator()) { if ([long] $entry.Key -eq $number) { return [string] $entry.Value } }
    }
    $number.ToString($script:QuorateInvariant)
}

function ConvertTo-Int64Text {
    <# .SYNOPSIS A whole number of any size as decimal text; null stays null. #>
    param([AllowNull()] $Value)
    if ($null -eq $Value) { return $null }
    $base = $Value.PSObject.BaseObject
    if ($base -is [enum]) { $base = [long] $base }
    ([decimal] $base).ToString('0', $script:QuorateInvariant)
}

function ConvertTo-Number {
    <# .SYNOPSIS A whole number that fits 32 bits; null stays null, text of digits is read. #>
    param([AllowNull()] $Value)
    if ($null -eq $Value) { return $null }
    $number = [long] $Value.PSObject.BaseObject
    if ($number -ge -2147483648 -and $number -le 4294967295) { return $number -as [double] }
    Stop-Script -Id 'Quorate.NumberTooLarge' -Category InvalidData -Message "The number $number does not fit 32 bits; use ConvertTo-Int64Text."
}

function ConvertTo-HexText {
    <# .SYNOPSIS Bytes as lower-case hexadecimal text without separators; null stays null. #>
    param([AllowNull()] $Value)
    if ($null -eq $Value) { return $null }
    [System.BitConverter]::ToString([byte[]] $Value).Replace('-', '').ToLowerInvariant()
}

function ConvertTo-TextList {
    <# .SYNOPSIS A list of strings: null gives an empty list, one value a list of one. Always an array. #>
    param([AllowNull()] $Value)
    $list = [System.Collections.Generic.List[string]]::new()
    foreach ($item in @($Value)) { if ($null -ne $item) { $list.Add([string] $item) } }
    , $list.ToArray()
}

function Test-PropertyName {
    <# .SYNOPSIS Whether the object has a property of this name. #>
    param([AllowNull()] $InputObject, [string] $Name)
    if ($null -eq $InputObject) { return $false }
    if ($InputObject -is [System.Collections.IDictionary]) { return $InputObject.Contains($Name) }
    $null -ne $InputObject.PSObject.Properties[$Name]
}

function Get-PropertyValue {
    <# .SYNOPSIS A property's value; null when the object is null or has no such property (an older Windows). #>
    param([AllowNull()] $InputObject, [string] $Name)
    if ($null -eq $InputObject) { return $null }
    if ($InputObject -is [System.Collections.IDictionary]) { return $InputObject[$Name] }
    $property = $InputObject.PSObject.Properties[$Name]
    if ($null -eq $property) { return $null }
    $property.Value
}

function Get-CimRawValue {
    <#
    .SYNOPSIS
    The number behind a CIM property that a module's type file shows as a name (Get-Disk's BusType reads iSCSI, its raw value is 9).
    #>
    param([AllowNull()] $InputObject, [string] $Name)
    if ($null -eq $InputObject) { return $null }
    $holder = $InputObject.PSObject.Properties['CimInstanceProperties']
    if ($null -ne $holder -and $null -ne $holder.Value) {
        $property = $holder.Value[$Name]
        if ($null -ne $property) { return $property.Value }
    }
    Get-PropertyValue $InputObject $Name
}

function ConvertFrom-Secret {
    <# .SYNOPSIS The text of a secure string, for the cmdlets that only take plain text. Keep it in no variable. #>
    param([System.Security.SecureString] $Secret)
    [System.Net.NetworkCredential]::new('', $Secret).Password
}

# ---- Disks of a cluster ---------------------------------------------------------------------------------------------

function ConvertTo-DiskKey {
    <#
    .SYNOPSIS
    What a cluster knows a disk by, in one spelling: a GPT's GUID without braces, an MBR's signature as digits; empty where there is neither.
    .DESCRIPTION
    Takes MSFT_Disk's Guid and Signature, the parameters DiskIdGuid and DiskSignature, and the Id of an available disk (0x1A2B3C4D for an MBR).
    #>
    param([AllowNull()] $Value)
    $text = ([string] $Value).Trim('{', '}', ' ').ToLowerInvariant()
    if ($text -eq '' -or $text -eq '0' -or $text -eq '0x0') { return '' }
    if ($text -match '^0x[0-9a-f]{1,8}$') { return [System.Convert]::ToUInt32($text, 16).ToString($script:QuorateInvariant) }
    # A signature above 0x7FFFFFFF, read as a signed number.
    if ($text -match '^-[0-9]{1,10}$') { return ([long] $text + 4294967296).ToString($script:QuorateInvariant) }
    $text
}

function Get-DiskKey {
    <# .SYNOPSIS The key of the one disk among Disks (of Get-Disk) that has this unique id; ends the script where there is none, or more. #>
    param([AllowEmptyCollection()] [object[]] $Disks, [string] $UniqueId)
    $found = @($Disks | Where-Object { [string] $_.UniqueId -eq $UniqueId })
    if ($found.Count -ne 1) { Stop-Script -Id 'Quorate.ClusterDiskNotAvailable' -Category ObjectNotFound -Message "This server has the disk $UniqueId $($found.Count) times." -Target $UniqueId }
    $key = ConvertTo-DiskKey $found[0].Guid
    if ($key -eq '') { $key = ConvertTo-DiskKey $found[0].Signature }
    if ($key -eq '') { Stop-Script -Id 'Quorate.ClusterDiskNotAvailable' -Category InvalidData -Message "The disk $UniqueId is not initialised." -Target $UniqueId }
    $key
}

function Select-ClusterDisk {
    <#
    .SYNOPSIS
    The resource or shared volume of Holders whose parameters (DiskIdGuid, DiskSignature of Get-ClusterParameter) have the key; ends the script where there is none.
    #>
    param([AllowEmptyCollection()] [object[]] $Holders, [AllowEmptyCollection()] [object[]] $Parameters, [string] $Key, [string] $UniqueId)
    $names = @($Parameters | Where-Object { (ConvertTo-DiskKey $_.Value) -eq $Key } | ForEach-Object { [string] $_.ClusterObject.Name })
    $found = @($Holders | Where-Object { $names -contains [string] $_.Name })
    if ($found.Count -ne 1) { Stop-Script -Id 'Quorate.ClusterDiskNotAvailable' -Category ObjectNotFound -Message "The cluster has the disk $UniqueId $($found.Count) times." -Target $UniqueId }
    $found[0]
}

# ---- Result and failure -----------------------------------------------------------------------------------------

function Send-Result {
    <#
    .SYNOPSIS
    Hands back the script's one result: an ordered dictionary of plain values. The last call counts.
    #>
    param([Parameter(Mandatory = $true, Position = 0)] [AllowNull()] [AllowEmptyCollection()] [AllowEmptyString()] $Data)
    if ($null -eq $script:QuorateCall) { return $Data }
    $script:QuorateCall.Data = $Data
    $script:QuorateCall.Sent = $true
}

function Stop-Script {
    <#
    .SYNOPSIS
    Ends the script with a failure of our own. Id starts with 'Quorate.'; nobody parses the message.
    #>
    param(
        [Parameter(Mandatory = $true)] [string] $Id,
        [Parameter(Mandatory = $true)] [string] $Message,
        [System.Management.Automation.ErrorCategory] $Category = 'InvalidOperation',
        $Target
    )
    throw [System.Management.Automation.ErrorRecord]::new([System.InvalidOperationException]::new($Message), $Id, $Category, $Target)
}

function Read-Part {
    <#
    .SYNOPSIS
    Runs a block that reads one thing: @{ ok = $true; data = ... } or @{ ok = $false; error = ... }, never a throw.
    .DESCRIPTION
    For scripts that gather many facts, where one that cannot be read must be told as unknown and not end the rest.
    The block's output is the data: nothing gives null, one value that value, more values a list. -AsList always gives a list.
    #>
    param([Parameter(Mandatory = $true, Position = 0)] [scriptblock] $Read, [switch] $AsList)
    try {
        $output = @(& $Read)
        if ($AsList -or $output.Count -gt 1) { $data = $output }
        elseif ($output.Count -eq 1) { $data = $output[0] }
        else { $data = $null }
        [ordered]@{ ok = $true; data = $data }
    }
    catch [System.Management.Automation.PipelineStoppedException] { throw }
    catch { [ordered]@{ ok = $false; error = ConvertFrom-ErrorRecord $_ } }
}

function Get-ErrorNumber {
    <# .SYNOPSIS HRESULT and Win32 code of an error record, from ids and inner exceptions; null where there is none. #>
    param([System.Management.Automation.ErrorRecord] $ErrorRecord)
    $hresult = $null
    $win32 = $null
    $plain = $null
    $ids = [System.Collections.Generic.List[string]]::new()
    $ids.Add([string] $ErrorRecord.FullyQualifiedErrorId)
    $exception = $ErrorRecord.Exception
    for ($depth = 0; $null -ne $exception -and $depth -lt 12; $depth++) {
        if ($exception -is [System.ComponentModel.Win32Exception]) { $win32 = $exception.NativeErrorCode }
        $messageId = $exception.PSObject.Properties['MessageId']
        if ($null -ne $messageId) { $ids.Add([string] $messageId.Value) }
        $number = [int] $exception.HResult
        if ($null -eq $plain) { $plain = $number }
        # 0x8013xxxx are .NET's own codes and say nothing about Windows; the innermost other code wins.
        if ($number -ne 0 -and ($number -band 0x7fff0000) -ne 0x00130000 -and ($number -band 0x7fffffff) -ne 0x4005) { $hresult = $number }
        $exception = $exception.InnerException
    }
    foreach ($id in $ids) {
        $match = [regex]::Match($id, '^HRESULT 0x([0-9a-fA-F]{8})')
        if ($match.Success) { $hresult = [System.Convert]::ToInt32($match.Groups[1].Value, 16) }
        $match = [regex]::Match($id, '^Windows System Error ([0-9]+)')
        if ($match.Success) { $win32 = [int] $match.Groups[1].Value }
    }
    if ($null -eq $win32 -and $null -ne $hresult -and ($hresult -band 0x7fff0000) -eq 0x00070000) { $win32 = $hresult -band 0xffff }
    if ($null -eq $hresult) { $hresult = $plain }
    @{ hresult = $hresult; win32 = $win32 }
}

function ConvertFrom-ErrorRecord {
    <# .SYNOPSIS An error as { id, category, hresult, win32, message, at }. #>
    param([System.Management.Automation.ErrorRecord] $ErrorRecord)
    $numbers = Get-ErrorNumber $ErrorRecord
    $at = [ordered]@{ script = $null; line = $null; command = $null; target = $null }
    $invocation = $ErrorRecord.InvocationInfo
    if ($null -ne $invocation) {
        if ($invocation.ScriptName) { $at.script = [System.IO.Path]::GetFileName($invocation.ScriptName) }
        if ($invocation.ScriptLineNumber -gt 0) { $at.line = $invocation.ScriptLineNumber }
        if ($null -ne $invocation.MyCommand) { $at.command = $invocation.MyCommand.Name }
    }
    if (-not $at.command -and $ErrorRecord.CategoryInfo.Activity) { $at.command = $ErrorRecord.CategoryInfo.Activity }
    $target = $ErrorRecord.TargetObject
    if ($target -is [string]) { $at.target = $target }
    # What a script adds to an error that it hands on.
    if ($ErrorRecord.Exception.Data.Contains('Quorate.Target')) { $at.target = [string] $ErrorRecord.Exception.Data['Quorate.Target'] }
    [ordered]@{
        id = [string] $ErrorRecord.FullyQualifiedErrorId
        category = $ErrorRecord.CategoryInfo.Category.ToString()
        hresult = $numbers.hresult
        win32 = $numbers.win32
        message = [string] $ErrorRecord.Exception.Message
        at = $at
    }
}

# ---- JSON: our own, because ConvertTo-Json and ConvertFrom-Json differ between 5.1 and 7 ------------------------------

function ConvertTo-JsonString {
    <# .SYNOPSIS A JSON string in ASCII; every other character is \uXXXX, a surrogate pair or half included. #>
    param([string] $Text)
    if (-not $script:QuorateUnsafeText.IsMatch($Text)) { return '"' + $Text + '"' }
    $builder = [System.Text.StringBuilder]::new($Text.Length + 64)
    [void] $builder.Append('"')
    # In slices, so that a long text of many scripts costs no more than a few times its size.
    for ($start = 0; $start -lt $Text.Length; $start += 65536) {
        $slice = $Text.Substring($start, [System.Math]::Min(65536, $Text.Length - $start))
        $characters = $slice.ToCharArray()
        $escapes = [System.Collections.Generic.List[char]]::new()
        foreach ($character in [System.Collections.Generic.HashSet[char]]::new($characters)) {
            $code = [int] $character
            if ($code -lt 0x20 -or $code -gt 0x7e) { $escapes.Add($character) }
        }
        if ($escapes.Count -le 48) {
            $slice = $slice.Replace('\', '\\').Replace('"', '\"')
            foreach ($character in $escapes) {
                $slice = $slice.Replace([string] $character, '\u' + ([int] $character).ToString('x4', $script:QuorateInvariant))
            }
            [void] $builder.Append($slice)
        }
        else {
            $bytes = [byte[]]::new($characters.Length * 2)
            [System.Buffer]::BlockCopy($characters, 0, $bytes, 0, $bytes.Length)
            [void] $builder.Append([regex]::Replace([System.BitConverter]::ToString($bytes), '(..)-(..)-?', '\u$2$1'))
        }
    }
    [void] $builder.Append('"')
    $builder.ToString()
}

function ConvertTo-JsonScalar {
    <# .SYNOPSIS A value that holds no others, as JSON; nothing for any other value. #>
    param([AllowNull()] $Base)
    switch ([System.Type]::GetTypeCode($Base.GetType()).ToString()) {
        { $_ -in 'UInt32', 'Int16', 'UInt16', 'Byte', 'SByte' } { return $Base.ToString($script:QuorateInvariant) }
        { $_ -in 'Int64', 'UInt64', 'Decimal' } { return '"' + $Base.ToString($script:QuorateInvariant) + '"' }
        { $_ -in 'Double', 'Single' } {
            $text = $Base.ToString('R', $script:QuorateInvariant)
            if ($text -match '^[-+0-9.eE]+$') { return $text }
            return 'null'
        }
        'DateTime' { return '"' + (ConvertTo-IsoDate $Base) + '"' }
        'Char' { return ConvertTo-JsonString ([string] $Base) }
    }
    if ($Base -is [System.DateTimeOffset]) { return ConvertTo-JsonString (ConvertTo-IsoDate $Base) }
    if ($Base -is [guid] -or $Base -is [version] -or $Base -is [ipaddress]) { return ConvertTo-JsonString $Base.ToString() }
}

function ConvertTo-WireJson {
    <#
    .SYNOPSIS
    A plain value as one line of ASCII JSON. An object that was not projected is an error that names its path.
    .DESCRIPTION
    In one loop over what is open, because a call of a function for each value took most of the time of a long answer.
    #>
    param([AllowNull()] $Value)
    $builder = [System.Text.StringBuilder]::new(1024)
    # What is open around $frame: its values, their keys where it has any, the number of those that were begun, and how it ends.
    $frames = [System.Collections.Generic.Stack[object]]::new()
    $frame = $null
    $item = $Value
    while ($true) {
        $opened = $null
        if ($null -eq $item) { [void] $builder.Append('null') }
        else {
            $isTooDeep = $frames.Count -gt 24
            $problem = $null
            $base = $item.PSObject.BaseObject
            if ($isTooDeep) { $problem = 'deep' }
            elseif ($base -is [string]) {
                if ($script:QuorateUnsafeText.IsMatch($base)) { [void] $builder.Append((ConvertTo-JsonString $base)) }
                else { [void] $builder.Append('"').Append($base).Append('"') }
            }
            elseif ($base -is [bool]) { if ($base) { [void] $builder.Append('true') } else { [void] $builder.Append('false') } }
            elseif ($base -is [enum]) { [void] $builder.Append((ConvertTo-JsonString $base.ToString())) }
            elseif ($base -is [int]) { [void] $builder.Append($base.ToString($script:QuorateInvariant)) }
            elseif ($base -is [System.Collections.IDictionary]) {
                [void] $builder.Append('{')
                $opened = @{ Names = [System.Collections.Generic.List[string]]::new(); Items = [System.Collections.Generic.List[object]]::new(); At = 0; End = '}' }
                # By the enumerator: a dictionary may hold a key that is called Keys or Count.
                foreach ($entry in $base.GetEnumerator()) { $opened.Names.Add([string] $entry.Key); $opened.Items.Add($entry.Value) }
            }
            elseif ($null -ne ($scalar = ConvertTo-JsonScalar $base)) { [void] $builder.Append($scalar) }
            elseif ($base -is [System.Management.Automation.PSCustomObject]) {
                if ($item.PSObject.TypeNames[0] -ne 'System.Management.Automation.PSCustomObject') { $problem = 'missing' }
                else {
                    [void] $builder.Append('{')
                    $opened = @{ Names = [System.Collections.Generic.List[string]]::new(); Items = [System.Collections.Generic.List[object]]::new(); At = 0; End = '}' }
                    foreach ($property in $item.PSObject.Properties) { $opened.Names.Add($property.Name); $opened.Items.Add($property.Value) }
                }
            }
            elseif ($base -is [System.Collections.IEnumerable]) {
                [void] $builder.Append('[')
                $opened = @{ Names = $null; Items = [System.Collections.Generic.List[object]]::new(); At = 0; End = ']' }
                foreach ($one in $base) { $opened.Items.Add($one) }
            }
            else { $problem = 'missing' }
            if ($null -ne $problem) {
                $path = 'data'
                $around = $frames.ToArray()
                [System.Array]::Reverse($around)
                foreach ($one in $around) {
                    if ($null -eq $one.Names) { $path += "[$($one.At - 1)]" } else { $path += '.' + $one.Names[$one.At - 1] }
                }
                if ($isTooDeep) { Stop-Script -Id 'Quorate.ProjectionTooDeep' -Category InvalidData -Message "The result is nested too deeply at $path." }
                Stop-Script -Id 'Quorate.ProjectionMissing' -Category InvalidData -Message "The result at $path is a $($item.PSObject.TypeNames[0]): name the properties that are wanted and their types."
            }
            if ($null -ne $opened) {
                $frames.Push($opened)
                $frame = $opened
            }
        }
        while ($null -ne $frame -and $frame.At -ge $frame.Items.Count) {
            [void] $builder.Append($frame.End)
            [void] $frames.Pop()
            $frame = $null
            if ($frames.Count -gt 0) { $frame = $frames.Peek() }
        }
        if ($null -eq $frame) { return $builder.ToString() }
        $at = $frame.At
        if ($at -gt 0) { [void] $builder.Append(',') }
        if ($null -ne $frame.Names) {
            $key = $frame.Names[$at]
            if ($script:QuorateUnsafeText.IsMatch($key)) { [void] $builder.Append((ConvertTo-JsonString $key)).Append(':') }
            else { [void] $builder.Append('"').Append($key).Append('":') }
        }
        $item = $frame.Items[$at]
        $frame.At = $at + 1
    }
}

function ConvertFrom-JsonString {
    <# .SYNOPSIS The text of a JSON string token, quotes included. #>
    param([string] $Token)
    $text = $Token.Substring(1, $Token.Length - 2)
    if ($text.IndexOf([char] 92) -lt 0) { return $text }
    $builder = [System.Text.StringBuilder]::new($text.Length)
    $from = 0
    while (($at = $text.IndexOf([char] 92, $from)) -ge 0) {
        [void] $builder.Append($text, $from, $at - $from)
        $from = $at + 2
        switch -CaseSensitive ($text[$at + 1]) {
            'n' { [void] $builder.Append([char] 10) }
            'r' { [void] $builder.Append([char] 13) }
            't' { [void] $builder.Append([char] 9) }
            'b' { [void] $builder.Append([char] 8) }
            'f' { [void] $builder.Append([char] 12) }
            'u' {
                [void] $builder.Append([char] [System.Convert]::ToInt32($text.Substring($at + 2, 4), 16))
                $from = $at + 6
            }
            default { [void] $builder.Append($text[$at + 1]) }
        }
    }
    [void] $builder.Append($text, $from, $text.Length - $from)
    $builder.ToString()
}

function ConvertFrom-WireJson {
    <#
    .SYNOPSIS
    A line of JSON as hashtables, arrays, strings, numbers, booleans and null. Dates stay strings.
    .DESCRIPTION
    {"$secret":"text"} becomes a SecureString, {"$credential":{"userName":"u","secret":"text"}} a PSCredential.
    #>
    param([string] $Text)
    $containers = [System.Collections.Generic.Stack[object]]::new()
    $keys = [System.Collections.Generic.Stack[object]]::new()
    $root = $null
    $key = $null
    foreach ($match in $script:QuorateJsonToken.Matches($Text)) {
        $token = $match.Value
        $isValue = $true
        $value = $null
        switch ($token[0]) {
            ([char] '{') { $containers.Push(@{}); $keys.Push($key); $key = $null; $isValue = $false }
            ([char] '[') { $containers.Push([System.Collections.Generic.List[object]]::new()); $keys.Push($key); $key = $null; $isValue = $false }
            ([char] '}') { $value = ConvertTo-SecretValue $containers.Pop(); $key = $keys.Pop() }
            ([char] ']') { $value = $containers.Pop().ToArray(); $key = $keys.Pop() }
            ([char] ',') { $isValue = $false }
            ([char] ':') { $isValue = $false }
            ([char] '"') {
                $value = ConvertFrom-JsonString $token
                if ($null -eq $key -and $containers.Count -gt 0 -and $containers.Peek() -is [hashtable]) { $key = $value; $isValue = $false }
            }
            ([char] 't') { $value = $true }
            ([char] 'f') { $value = $false }
            ([char] 'n') { $value = $null }
            default {
                if ($token -match '^-?[0-9]+$') {
                    $whole = [decimal]::Parse($token, $script:QuorateInvariant)
                    if ($whole -ge -2147483648 -and $whole -le 2147483647) { $value = [int] $whole }
                    elseif ($whole -ge [long]::MinValue -and $whole -le [long]::MaxValue) { $value = [long] $whole }
                    else { $value = $whole }
                }
                elseif ($token -match '^-?[0-9]') { $value = [double]::Parse($token, $script:QuorateInvariant) }
                else { Stop-Script -Id 'Quorate.JsonInvalid' -Category ParserError -Message "Unexpected text at character $($match.Index) of the JSON." }
            }
        }
        if ($isValue) {
            if ($containers.Count -eq 0) { $root = $value }
            elseif ($containers.Peek() -is [hashtable]) { $containers.Peek()[$key] = $value; $key = $null }
            else { $containers.Peek().Add($value) }
        }
    }
    if ($containers.Count -gt 0) { Stop-Script -Id 'Quorate.JsonInvalid' -Category ParserError -Message 'The JSON ends too early.' }
    if ($root -is [array]) { , $root } else { $root }
}

function ConvertTo-SecretValue {
    <# .SYNOPSIS Turns the two secret forms of the input into the types that cmdlets take; anything else stays. #>
    param([hashtable] $Table)
    if ($Table.get_Count() -eq 1) {
        if ($Table.ContainsKey('$secret')) {
            $secure = [System.Security.SecureString]::new()
            foreach ($character in ([string] $Table['$secret']).ToCharArray()) { $secure.AppendChar($character) }
            $secure.MakeReadOnly()
            return $secure
        }
        if ($Table.ContainsKey('$credential')) {
            $parts = $Table['$credential']
            return [System.Management.Automation.PSCredential]::new($parts['userName'], $parts['password'])
        }
    }
    $Table
}
