import { defineMessages } from './define.ts';

/** Failures of gathering facts, of reading what was collected elsewhere, and of reports. */
export const readinessMessages = defineMessages({
  READINESS_NO_SOURCE: {
    what: 'Quorate cannot read the facts of this machine: its system is {platform}.',
    next: 'Run it on Windows or Linux, or give collected facts with --facts.',
    retry: 'never',
    effect: 'none',
  },
  SYSROOT_NOT_FOUND: {
    what: 'There is no folder {path}.',
    next: 'Give the folder into which the captured tree was unpacked.',
    retry: 'afterChange',
    effect: 'none',
  },
  SYSROOT_NOT_A_FOLDER: {
    what: '{path} is not a folder.',
    next: 'Unpack the captured tree first and give the folder that holds proc.',
    retry: 'afterChange',
    effect: 'none',
  },
  SYSROOT_WITHOUT_PROC: {
    what: 'The folder {path} holds no folder proc, so it is not the tree of a Linux machine.',
    next: 'Give the folder that holds proc and sys; it may be one level deeper.',
    retry: 'afterChange',
    effect: 'none',
  },
  IMPORT_NOT_A_FILE: {
    what: '{path} is not a file.',
    next: 'Name the files themselves; a folder or a device is not read.',
    retry: 'afterChange',
    effect: 'none',
  },
  IMPORT_FILE_EMPTY: {
    what: 'The file {path} is empty.',
    next: 'Write it again and see whether what writes it (the collector, Test-Cluster) reported a failure.',
    retry: 'afterChange',
    effect: 'none',
  },
  IMPORT_FILE_TOO_LARGE: {
    what: 'The file {path} has {sizeBytes} bytes; no more than {limitBytes} are read.',
    next: 'Give the file that the collector, wmic or Test-Cluster wrote; those are far smaller.',
    retry: 'afterChange',
    effect: 'none',
  },
  IMPORT_FILE_IS_ARCHIVE: {
    what: 'The file {path} is an archive ({kind}).',
    next: 'Unpack it and give the files in it.',
    retry: 'afterChange',
    effect: 'none',
  },
  IMPORT_FILE_IS_PAGE: {
    what: 'The file {path} is {kind}, made for people to read.',
    next: '{instead}',
    retry: 'afterChange',
    effect: 'none',
  },
  IMPORT_ENCODING_UNKNOWN: {
    what: 'The file {path} is neither UTF-8 nor UTF-16 text: {reason}.',
    next: '{again}',
    retry: 'afterChange',
    effect: 'none',
  },
  IMPORT_FILE_TRUNCATED: {
    what: 'The file {path} ends in the middle: {reason}.',
    next: 'Copy it again from the server, or collect it again.',
    retry: 'afterChange',
    effect: 'none',
  },
  IMPORT_JSON_INVALID: {
    what: 'The file {path} is not valid JSON: {reason}.',
    next: 'Collect or export it again; it should not be edited by hand.',
    retry: 'afterChange',
    effect: 'none',
  },
  IMPORT_NEWER_VERSION: {
    what: 'The file {path} uses format {found}; this version of Quorate reads up to {supported}.',
    next: 'Update Quorate on this machine.',
    retry: 'afterChange',
    effect: 'none',
  },
  FACTS_OF_ANOTHER_TOOL: {
    what: 'The file {path} holds JSON of something else: {found}.',
    next: 'Give a facts file of the collector, a report of Quorate, or the text of wmic CLASS get /value.',
    retry: 'afterChange',
    effect: 'none',
  },
  FACTS_INVALID: {
    what: 'The facts in {path} do not have the expected form: {problem}.',
    next: 'Collect them again; they should not be edited by hand.',
    retry: 'afterChange',
    effect: 'none',
  },
  FACTS_NONE_THERE: {
    what: '{path} holds no file with facts.',
    next: 'Name the folder that the collector wrote, its files (facts-NAME\\*.wmi), or facts-NAME.json.',
    retry: 'afterChange',
    effect: 'none',
  },
  FACTS_NOT_RECOGNISED: {
    what: 'The file {path} is neither facts of Quorate nor a text of wmic or Format-List that names properties of a class.',
    next: 'Collect with "quorate collect"; or by hand with Get-CimInstance Win32_Processor | Format-List * > FILE, or, where wmic is there, with wmic /output:FILE path Win32_Processor get /value.',
    retry: 'afterChange',
    effect: 'none',
  },
  REPORT_OF_ANOTHER_TOOL: {
    what: 'The file {path} is not a readiness report: {found}.',
    next: 'Give a report that Quorate exported as JSON; for collected facts use "quorate readiness --facts".',
    retry: 'afterChange',
    effect: 'none',
  },
  REPORT_INVALID: {
    what: 'The report in {path} does not have the expected form: {problem}.',
    next: 'Export it again on the other machine.',
    retry: 'afterChange',
    effect: 'none',
  },
  REPORT_ALTERED: {
    what: 'The report in {path} was altered after it was written: its content does not match its digest.',
    next: 'Get the file again from the machine that exported it, or check that machine again.',
    retry: 'afterChange',
    effect: 'none',
  },
  REPORT_FORMAT_UNKNOWN: {
    what: 'The file name {path} does not say which format the report should have.',
    next: 'End the name with .html, .pdf or .json.',
    retry: 'afterChange',
    effect: 'none',
  },
  REPORT_PDF_UNAVAILABLE: {
    what: 'A PDF cannot be printed here: {reason}.',
    next: 'Export HTML instead and print it from a browser, or export the PDF from the window.',
    retry: 'afterChange',
    effect: 'none',
  },
  COLLECTOR_MISSING: {
    what: 'The collector {name} is not in this installation; looked in {folder}.',
    next: 'Install Quorate again: a file of it is missing.',
    retry: 'never',
    effect: 'none',
  },
});
