import { describe, expect, it } from 'vitest';
import { importFacts } from '../../../main/operations/readiness/import-facts.ts';
import { valueOf } from '../../../shared/model/fact.ts';
import { parseWmicText } from '../../../shared/model/wmic-text.ts';
import { judgeReadiness } from '../../../shared/rules/judge.ts';
import { now, outcomesOf, readyServer, serverClasses, windowsFacts } from '../../support/readiness.ts';

const noFiles = {
  read: () => Promise.reject(new Error('no file is read here')),
  write: () => Promise.reject(new Error('no file is written here')),
  makeFolder: () => Promise.reject(new Error('no folder is made here')),
  probe: () => Promise.reject(new Error('nothing is written here')),
};
type Content = string | Buffer;
const importAll = (...contents: Content[]) =>
  importFacts(
    contents.map((content, at) => ({
      kind: 'content' as const,
      name: `file-${at}.txt`,
      base64: Buffer.from(content as string).toString('base64'),
    })),
    { files: noFiles, version: '0', now },
  );
const processorsOf = async (...contents: Content[]) => valueOf((await importAll(...contents)).processors) ?? [];

/** As wmic prints with /value: two empty lines before each instance, lines ended with CR CR LF. */
const valueText = (...instances: Readonly<Record<string, string>>[]): string =>
  `${instances
    .map(
      (one) =>
        `\r\r\n\r\r\n${Object.entries(one)
          .map(([name, value]) => `${name}=${value}\r\r\n`)
          .join('')}`,
    )
    .join('')}\r\r\n\r\r\n\r\r\n`;

/** As Format-List prints: names padded, an empty line between instances. */
const listText = (...instances: Readonly<Record<string, string>>[]): string => {
  const width = Math.max(...instances.flatMap((one) => Object.keys(one).map((name) => name.length)));
  return `\r\n\r\n${instances
    .map((one) =>
      Object.entries(one)
        .map(([name, value]) => `${name.padEnd(width)} : ${value}\r\n`)
        .join(''),
    )
    .join('\r\n')}\r\n\r\n`;
};

const flags = {
  SecondLevelAddressTranslationExtensions: 'TRUE',
  VirtualizationFirmwareEnabled: 'TRUE',
  VMMonitorModeExtensions: 'TRUE',
};
const kind = { Architecture: '9', DataWidth: '64', Manufacturer: 'GenuineIntel', Name: 'Intel(R) Xeon(R) Gold 6130' };
const capture = {
  'as it is': (text: string) => text,
  'with single line ends': (text: string) => text.replace(/\r\r\n/g, '\n'),
  'with doubled line ends': (text: string) => text.replace(/\r\r\n/g, '\r\n\r\n'),
  'with every CR and LF made a line end': (text: string) => text.replace(/[\r\n]/g, '\r\n'),
  'without what stood around it': (text: string) => text.replace(/\r\r\n/g, '\n').trim(),
  'doubled, without what stood around it': (text: string) => text.replace(/\r\r\n/g, '\n\n').trim(),
};

describe('the text of wmic', () => {
  describe.each(Object.entries(capture))('%s', (_how, captured) => {
    it.each([1, 2, 3, 4])('has as many instances as wmic printed: %i', (count) => {
      for (const instance of [{ DataWidth: '64' }, flags, kind, { ...kind, ...flags }]) {
        const text = captured(valueText(...Array.from({ length: count }, () => instance)));
        expect(parseWmicText(text)).toEqual(Array.from({ length: count }, () => instance));
      }
    });

    it('may be of several commands, one after another', () => {
      const text = captured(valueText({ DataWidth: '64' }) + valueText({ HypervisorPresent: 'FALSE' }));
      expect(parseWmicText(text)).toEqual([{ DataWidth: '64' }, { HypervisorPresent: 'FALSE' }]);
    });
  });

  it.each([
    ['csv', '\r\nNode,DataWidth,Name\r\r\nNODE1,64,One\r\r\nNODE1,64,Two\r\r\n', ['One', 'Two']],
    ['a table', 'DataWidth  Name  \r\r\n64         One   \r\r\n64         Two   \r\r\n', ['One', 'Two']],
    [
      'rawxml',
      '<?xml version="1.0"?><COMMAND><RESULTS><CIM><INSTANCE CLASSNAME="Win32_Processor"><PROPERTY NAME="DataWidth" TYPE="uint16"><VALUE>64</VALUE></PROPERTY><PROPERTY NAME="Name" TYPE="string"><VALUE>One</VALUE></PROPERTY></INSTANCE></CIM></RESULTS></COMMAND>',
      ['One'],
    ],
    ['mof', 'instance of Win32_Processor\r\n{\r\n\tDataWidth = 64;\r\n\tName = "One";\r\n};\r\n', ['One']],
  ])('as %s', async (_form, text, names) => {
    const processors = await processorsOf(text);
    expect(processors.map(({ name }) => valueOf(name))).toEqual(names);
    expect(processors.map(({ dataWidthBits }) => valueOf(dataWidthBits))).toEqual(names.map(() => 64));
  });

  it('as csv with a comma in a value is not guessed at', async () => {
    const facts = await importAll('\r\nNode,DataWidth,Name\r\nNODE1,64,One\r\nNODE1,64,Two, cut\r\n');
    expect(valueOf(facts.processors)).toHaveLength(1);
    expect(facts.notes.join()).toContain('1 lines that cannot be read');
  });
});

describe('the text of Format-List', () => {
  const instance = { ...kind, DeviceID: 'CPU0', ...flags };

  it('reads like that of wmic', async () => {
    expect(parseWmicText(listText(instance, { ...instance, DeviceID: 'CPU1' }))).toHaveLength(2);
    expect(parseWmicText(listText(flags, flags))).toEqual([flags, flags]);
    const [processor] = await processorsOf(listText(instance));
    expect(processor).toMatchObject({ virtualizationExtensions: { value: true }, dataWidthBits: { value: 64 } });
  });

  it('with lists, cut ones too, empty values, wrapped lines, colours and the command that was typed', () => {
    const text =
      'PS C:\\> Get-CimInstance Win32_DeviceGuard | Format-List\r\n\r\n' +
      'SecurityServicesRunning : {1, 2, 3, 4...}\r\nNothing                 : \r\nEmpty                   : {}\r\n' +
      'Long                    : one two\r\n                          three\r\n' +
      '\u001b[32;1mColoured                : \u001b[0mred\r\nPath                    : C:\\Windows : old\r\n';
    expect(parseWmicText(text)).toEqual([
      {
        SecurityServicesRunning: ['1', '2', '3', '4'],
        Nothing: '',
        Empty: [],
        Long: 'one two three',
        Coloured: 'red',
        Path: 'C:\\Windows : old',
      },
    ]);
  });

  it('of a class that is not known here is refused with a command that every Windows has', async () => {
    const error = await importAll('CsManufacturer : Dell Inc.\r\nOsName : Windows\r\n').catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ code: 'FACTS_NOT_RECOGNISED' });
    expect((error as { next: string }).next).toContain('Get-CimInstance Win32_Processor | Format-List *');
  });
});

describe('what our own advice has people collect', () => {
  const judged = judgeReadiness(windowsFacts({}));
  const server = {
    ...serverClasses.processor(),
    ...serverClasses.bios,
    ...serverClasses.os(),
    ...serverClasses.nic(1),
    ...serverClasses.system(),
  } as Readonly<Record<string, unknown>>;
  const valueFor = (name: string): string => JSON.stringify(server[name] ?? 'x').replace(/^"|"$/g, '');
  const textOf = (names: string): Record<string, string> =>
    Object.fromEntries(names.split(',').map((name) => [name.trim(), valueFor(name.trim())]));

  it('can be read back: wmic with /value', async () => {
    const commands = judged.checks.flatMap(({ remediation }) => [
      ...(remediation?.manual ?? '').matchAll(/wmic \w+ get (\S+) \/value/g),
    ]);
    expect(commands.length).toBeGreaterThan(8);
    for (const [command, names = ''] of commands)
      await expect(importAll(valueText(textOf(names))), command).resolves.toBeDefined();
  });

  it('can be read back: PowerShell', async () => {
    const scripts = judged.checks.flatMap(({ remediation }) => remediation?.script?.split('; ') ?? []);
    const collecting = scripts.filter((script) => /^Get-(CimInstance|NetAdapter)/.test(script));
    expect(collecting.length).toBeGreaterThan(8);
    for (const script of collecting) {
      const names = /\| Format-List (.+)$/.exec(script)?.[1];
      expect(names, script).toBeDefined();
      await expect(importAll(listText(textOf(names ?? ''))), script).resolves.toBeDefined();
    }
  });
});

describe('one class from several files', () => {
  it('without a key is put together by position', async () => {
    const processors = await processorsOf(valueText(kind, kind), valueText(flags, flags));
    expect(processors).toHaveLength(2);
    for (const processor of processors)
      expect(processor).toMatchObject({ virtualizationExtensions: { value: true }, dataWidthBits: { value: 64 } });
    expect(await processorsOf(valueText(kind, kind) + valueText(flags, flags))).toHaveLength(2);
  });

  it('of another length is never added up, and that is said', async () => {
    const facts = await importAll(valueText(kind, kind), valueText(flags));
    const processors = valueOf(facts.processors) ?? [];
    expect(processors).toHaveLength(2);
    expect(processors[0]?.virtualizationExtensions).toMatchObject({ known: false, cause: 'ambiguous' });
    expect(facts.notes.join()).toContain('do not fit together: 2 and 1 instances');
  });

  it('that contradict each other is not mixed', async () => {
    const other = { Name: 'AMD EPYC 7302 16-Core Processor', ...flags };
    const facts = await importAll(valueText(kind, kind), valueText(other, other));
    expect(valueOf(facts.processors)?.map(({ name }) => valueOf(name))).toEqual([kind.Name, kind.Name]);
    expect(facts.notes.join()).toContain('contradict');
  });

  it('keeps services apart by their names, and sockets by their ids', async () => {
    const service = (Name: string) => valueText({ Name, Started: 'TRUE', State: 'Running' });
    const facts = await importAll(service('vmms'), service('W32Time'));
    expect([valueOf(facts.hypervisor.vmms), valueOf(facts.time.service)]).toEqual(['running', 'running']);
    const socket = (DeviceID: string, more: Readonly<Record<string, string>>) => valueText({ DeviceID, ...more });
    expect(await processorsOf(socket('CPU1', kind), socket('CPU0', kind), socket('CPU1', flags))).toHaveLength(2);
  });
});

describe('files that are something else', () => {
  const latin = (text: string): Buffer => Buffer.from(text, 'latin1');

  it.each([
    [
      'cp850',
      '\x82',
      'NetConnectionID=R\x82seau local\r\nPhysicalAdapter=TRUE\r\nPNPDeviceID=PCI\\VEN_8086&amp;DEV_1521\r\n',
    ],
    ['cp1252', '\xae', 'Caption=Windows Server\xae 2019\r\nBuildNumber=17763\r\nOperatingSystemSKU=7\r\n'],
    ['cp932', '\x83\x43', 'Caption=\x83\x43\x81\x5b Server\r\nBuildNumber=17763\r\nOperatingSystemSKU=7\r\n'],
    ['Format-List in cp866', '\x8e', 'Caption          : \x8e\xad Server\r\nBuildNumber      : 17763\r\n'],
  ])('text in %s is read, with a note', async (_page, _bytes, text) => {
    const facts = await importAll(latin(text));
    expect(facts.notes.join()).toContain('file-0.txt is in an unknown code page');
    expect(JSON.stringify(facts)).toContain('\ufffd');
  });

  const report = '<!doctype html>\n<html lang="en"><body><p class="small">Quorate readiness report</p></body></html>';
  it.each([
    ['a report of ours', report, 'a readiness report of Quorate as HTML'],
    ['the same in UTF-16', Buffer.from(`\ufeff${report}`, 'utf16le'), 'a readiness report of Quorate as HTML'],
    [
      'a cluster validation',
      '\ufeff<html dir="LTR"><META http-equiv="Content-Type"><title>Failover Cluster Validation Report</title>',
      'the web page of a cluster validation',
    ],
    [
      'one saved with its parts',
      'From: <Saved>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\r\nFailover Cluster Validation Report',
      'the web page of a cluster validation',
    ],
    ['a PDF', '%PDF-1.7\n', 'a PDF document'],
    ['some page', '<html><body>hello</body></html>', 'a web page'],
  ])('%s is told as what it is', async (_what, content, what) => {
    await expect(importAll(content)).rejects.toMatchObject({ code: 'IMPORT_FILE_IS_PAGE' });
    await expect(importAll(content)).rejects.toThrow(what);
  });
});

it('a server whose facts are whole is as ready as before', () => {
  expect(outcomesOf(readyServer())).toMatchObject({ verdict: 'ready', 'host.physical': 'pass' });
});
