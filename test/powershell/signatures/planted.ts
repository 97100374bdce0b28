/** A whole script around a body, right in everything that the body does not spoil. */
export const wholeScript = (body: string, os = '2016, 2019, 2022, 2025'): string => `<#
.SYNOPSIS
A script for the net.
.PARAMETER Name
A name.
#>
#quorate os: ${os}
#quorate changes: nothing
[CmdletBinding()]
param([string] $Name)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

${body}
`;

export interface Planted {
  readonly what: string;
  readonly rule: string;
  readonly body?: string;
  readonly whole?: string;
  readonly os?: string;
  /** What the finding's text has to hold. */
  readonly says?: string;
  /** The same, put right: nothing is found. */
  readonly fixed?: string;
}

/** One error of each kind, and the same without it. */
export const plantedErrors: readonly Planted[] = [
  {
    what: 'a parameter that does not exist',
    rule: 'parameter',
    body: 'Get-NetAdapter -Guid $Name',
    says: '-Guid',
    fixed: 'Get-NetAdapter -Name $Name',
  },
  {
    what: 'a parameter that this Windows Server does not have yet',
    rule: 'parameter',
    body: 'Format-Volume -DriveLetter Q -DevDrive',
    says: 'Windows Server 2016',
    os: '2016, 2022',
  },
  {
    what: 'a cmdlet that this Windows Server does not have yet',
    rule: 'os',
    body: 'Get-NetAdapterDataPathConfiguration -Name $Name',
    says: 'Windows Server 2019',
    os: '2019, 2022',
  },
  {
    what: 'a parameter that is written short',
    rule: 'parameter',
    body: 'Get-NetIPAddress -ifIndex 3',
    says: 'in full',
    fixed: 'Get-NetIPAddress -InterfaceIndex 3',
  },
  {
    what: 'a parameter that fits several',
    rule: 'parameter',
    body: 'Get-NetIPAddress -Interface 3',
    says: 'fits several',
  },
  {
    what: 'two parameter sets mixed',
    rule: 'set',
    body: 'Get-Disk -Number 1 -UniqueId $Name',
    fixed: 'Get-Disk -UniqueId $Name',
  },
  {
    what: 'a mandatory parameter that is missing',
    rule: 'set',
    body: 'New-NetIPAddress -IPAddress $Name -PrefixLength 24',
    says: 'mandatory',
    fixed: 'New-NetIPAddress -IPAddress $Name -PrefixLength 24 -InterfaceIndex 3',
  },
  {
    what: 'an enumeration value that is not accepted',
    rule: 'value',
    body: 'Initialize-Disk -UniqueId $Name -PartitionStyle RAW',
    says: 'RAW',
    fixed: 'Initialize-Disk -UniqueId $Name -PartitionStyle GPT',
  },
  {
    what: 'an enumeration value in a list that is not accepted',
    rule: 'value',
    body: 'Get-NetIPAddress -AddressFamily IPv4, IPX',
    says: 'IPX',
    fixed: 'Get-NetIPAddress -AddressFamily IPv4, IPv6',
  },
  {
    what: 'text where a number is wanted',
    rule: 'value',
    body: "New-NetIPAddress -IPAddress $Name -PrefixLength '255.255.255.0' -InterfaceIndex 3",
    fixed: 'New-NetIPAddress -IPAddress $Name -PrefixLength 24 -InterfaceIndex 3',
  },
  {
    what: 'a number that does not fit',
    rule: 'value',
    body: 'New-NetIPAddress -IPAddress $Name -PrefixLength 256 -InterfaceIndex 3',
    says: 'does not fit',
  },
  {
    what: 'a Boolean that is a word',
    rule: 'value',
    body: "Set-Disk -UniqueId $Name -IsOffline 'no'",
    fixed: 'Set-Disk -UniqueId $Name -IsOffline $false',
  },
  { what: 'a parameter without its value', rule: 'argument', body: 'Get-Disk -UniqueId', says: 'no value' },
  { what: 'a parameter that is given twice', rule: 'parameter', body: 'Get-Disk -Number 1 -Number 2', says: 'twice' },
  {
    what: 'too many values by position',
    rule: 'set',
    body: 'Get-Disk 1 2',
    says: 'by position',
    fixed: 'Get-Disk 1',
  },
  { what: 'a pipeline into a cmdlet that takes none', rule: 'set', body: '$Name | Get-MPIOSetting', says: 'pipeline' },
  {
    what: 'a wrong key in a splatted table',
    rule: 'parameter',
    body: "$table = @{ IPAddress = $Name; PrefixLen = 24 }\n$table['InterfaceIndex'] = 3\nNew-NetIPAddress @table",
    fixed: "$table = @{ IPAddress = $Name; PrefixLength = 24 }\n$table['InterfaceIndex'] = 3\nNew-NetIPAddress @table",
  },
  {
    what: 'a splatted table that nobody can see',
    rule: 'splat',
    body: '$table = Get-Date\nNew-NetIPAddress @table',
  },
  {
    what: '-WhatIf where there is none',
    rule: 'parameter',
    body: 'Get-Disk -Number 1 -WhatIf',
    says: '-WhatIf',
    fixed: 'Clear-Disk -Number 1 -WhatIf',
  },
  { what: 'a command in no catalogue', rule: 'uncatalogued', body: 'Get-Frobnication -Name $Name' },
  { what: 'an alias', rule: 'native', body: 'gci C:\\' },
  { what: 'a native program', rule: 'native', body: 'netsh.exe interface show' },
  { what: 'a native program by its path', rule: 'native', body: "& 'C:\\Windows\\System32\\mpclaim.exe' -r" },
  { what: 'a program in a variable', rule: 'native', body: '& $Name' },
  { what: 'a process started through .NET', rule: 'forbidden', body: "[System.Diagnostics.Process]::Start('cmd')" },
  { what: 'exit', rule: 'forbidden', body: 'exit 1', says: 'exit' },
  { what: 'reading stdin', rule: 'forbidden', body: '$line = [System.Console]::In.ReadLine()' },
  { what: 'reading a key', rule: 'forbidden', body: '$line = [Console]::ReadKey()' },
  { what: 'asking a person', rule: 'forbidden', body: '$line = Read-Host' },
  { what: 'asking a person through the host', rule: 'forbidden', body: '$line = $Host.UI.ReadLine()' },
  { what: 'writing to the wire', rule: 'forbidden', body: "[System.Console]::WriteLine('x')" },
  { what: 'text run as code', rule: 'forbidden', body: 'Invoke-Expression -Command $Name' },
  { what: 'a global variable', rule: 'forbidden', body: '$global:seen = 1' },
  { what: 'ConvertTo-Json', rule: 'forbidden', body: '$Name | ConvertTo-Json' },
  { what: 'a file written by redirection', rule: 'forbidden', body: 'Get-Disk > C:\\disks.txt' },
  {
    what: 'the registry provider',
    rule: 'forbidden',
    body: "Test-Path -Path 'HKLM:\\SOFTWARE\\Microsoft'",
    says: 'StdRegProv',
  },
  { what: 'a character that is not ASCII', rule: 'ascii', body: "Send-Result 'Gr\u00f6\u00dfe'" },
  { what: 'a script that does not parse', rule: 'syntax', body: 'if (' },
  {
    what: 'a CIM class that nobody knows',
    rule: 'cim',
    body: 'Get-CimInstance -ClassName Win32_Frobnicator',
    fixed: 'Get-CimInstance -ClassName Win32_OperatingSystem',
  },
  {
    what: 'a CIM class in the wrong namespace',
    rule: 'cim',
    body: 'Get-CimInstance -ClassName MSFT_Disk',
    says: 'Storage',
    fixed: 'Get-CimInstance -ClassName MSFT_Disk -Namespace root/Microsoft/Windows/Storage',
  },
  {
    what: 'a CIM property that does not exist, in a filter',
    rule: 'cim',
    body: 'Get-CimInstance -ClassName Win32_Service -Filter "ServiceName = \'MSiSCSI\'"',
    says: 'ServiceName',
    fixed: 'Get-CimInstance -ClassName Win32_Service -Filter "Name = \'MSiSCSI\'"',
  },
  {
    what: 'a CIM property that does not exist, in a list',
    rule: 'cim',
    body: 'Get-CimInstance -ClassName Win32_Processor -Property Name, Cores',
    says: 'Cores',
  },
  {
    what: 'a CIM property that does not exist, in a query',
    rule: 'cim',
    body: "Get-CimInstance -Query 'SELECT * FROM Win32_Service WHERE Title = 1'",
    says: 'Title',
  },
  {
    what: 'a CIM method that nobody knows',
    rule: 'cim',
    body: 'Invoke-CimMethod -ClassName StdRegProv -Namespace root/default -MethodName GetEverything -Arguments @{ hDefKey = 1 }',
    says: 'GetEverything',
  },
  {
    what: 'an argument that a CIM method does not have',
    rule: 'cim',
    body: "$given = @{ hDefKey = 1; subKey = 'x' }\nInvoke-CimMethod -ClassName StdRegProv -Namespace root/default -MethodName EnumKey -Arguments $given",
    says: 'subKey',
  },
  {
    what: 'a class in a table that nobody knows',
    rule: 'cim',
    body: "foreach ($one in @(@{ class = 'Win32_Frobnicator' })) { Get-CimInstance -ClassName $one['class'] }",
    says: 'Win32_Frobnicator',
    fixed:
      "foreach ($one in @(@{ class = 'Win32_BIOS'; properties = @('Version') })) { Get-CimInstance -ClassName $one['class'] }",
  },
  {
    what: 'a property in a table that its class does not have',
    rule: 'cim',
    body: "foreach ($one in @(@{ class = 'Win32_BIOS'; properties = @('Colour') })) { Get-CimInstance -ClassName $one['class'] }",
    says: 'Colour',
  },
  { what: 'a CIM class that is not a constant', rule: 'cim', body: 'Get-CimInstance -ClassName $Name' },
  {
    what: 'a header without Windows Servers',
    rule: 'header',
    whole: wholeScript('Send-Result 1').replace(/^#quorate os.*\n/m, ''),
  },
  {
    what: 'a header without what it changes',
    rule: 'header',
    whole: wholeScript('Send-Result 1').replace(/^#quorate changes.*\n/m, ''),
  },
  { what: 'a script without help', rule: 'header', whole: wholeScript('Send-Result 1').replace(/<#[\s\S]*?#>\n/, '') },
  {
    what: 'a parameter that the help does not name',
    rule: 'header',
    whole: wholeScript('Send-Result 1').replace('.PARAMETER Name\nA name.\n', ''),
  },
  {
    what: 'a script without strict mode',
    rule: 'header',
    whole: wholeScript('Send-Result 1').replace('Set-StrictMode -Version 3.0\n', ''),
  },
];

/** The pieces of PowerShell 7 that Windows PowerShell 5.1 does not know. */
export const newerSyntax: readonly string[] = [
  '$a = $Name ? 1 : 2',
  '$a = $Name ?? 1',
  '$Name ??= 1',
  '$a = ${Name}?.Length',
  '$a = ${Name}?[0]',
  'Get-Date && Get-Date',
  'Get-Date || Get-Date',
  '1..3 | ForEach-Object -Parallel { $_ }',
  'function Test-Clean { process { 1 } clean { 2 } }',
  'Get-Date &',
  '$a = "`u{1F600}"',
  '$a = "`e[0m"',
  '$a = [array]::Empty[int]()',
  '$a = 0b1010',
  '$a = 1uy',
  '$a = 1us',
  '$a = 1n',
  '$a = 0x10ul',
  '$a = Get-Date -UnixTimeSeconds 1',
  '$a = $Name?.Length',
  'if ($IsLinux) { $a = 1 }',
];
