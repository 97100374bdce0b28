/*
 * A validation report in the layout of reports that Windows Server 1709 and 20H2 wrote (published in Microsoft's MSLab): elements, classes and
 * headings are theirs, so that whatever reads the one reads the other. A test holds both against each other. Style and pictures are left out.
 */

/** One line, table or heading of a test's section. */
export type ReportBlock =
  | { readonly kind: 'info' | 'warn' | 'error' | 'notapplicable' | 'cancel'; readonly text: string }
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'network'; readonly name: string }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };

export const reportResults = {
  success: { image: 'SuccessImg', word: 'Success' },
  warning: { image: 'WarningImg', word: 'Warning' },
  failed: { image: 'FailedImg', word: 'Failed' },
  notApplicable: { image: 'NotApplicableImg', word: 'Not Applicable' },
  cancelled: { image: 'CanceledImg', word: 'Canceled' },
} as const;
export type ReportResult = keyof typeof reportResults;

export interface ReportedTest {
  readonly category: string;
  readonly name: string;
  readonly description: string;
  readonly result: ReportResult;
  readonly blocks: readonly ReportBlock[];
}

export interface ReportInput {
  /** Fully qualified names. */
  readonly nodes: readonly string[];
  readonly startedMs: number;
  readonly endedMs: number;
  readonly tests: readonly ReportedTest[];
  readonly isWhole: boolean;
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** `11/19/2017 8:31:38 PM`, as an English (United States) Windows writes it; a simulated server's clock is UTC. */
const dateText = (ms: number): string => {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = date.getUTCHours();
  return `${date.getUTCMonth() + 1}/${date.getUTCDate()}/${date.getUTCFullYear()} ${hours % 12 || 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} ${hours < 12 ? 'AM' : 'PM'}`;
};

const worstOf = (tests: readonly ReportedTest[]): ReportResult => {
  const order: readonly ReportResult[] = ['failed', 'cancelled', 'warning', 'success', 'notApplicable'];
  return order.find((one) => tests.some(({ result }) => result === one)) ?? 'notApplicable';
};

const link = (id: number, text: string): string =>
  `<a href="&#xD;&#xA;                      #${id}">${escape(text)}</a>`;

const resultRow = (name: string, result: ReportResult): string => {
  const { image, word } = reportResults[result];
  return `          <tr>
            <td width="400" align="left">${name}</td>
            <td width="150" align="left"><result><IMG name="${image}"></result></td>
            <td><description>${word}</description></td>
          </tr>`;
};

const resultTable = (heading: string, resultTitle: string, rows: readonly string[]): string => `<span>${heading}
      <table align="center" width="99%" cellpadding="1" cellspacing="0" border="0" bgcolor="#F1F1F1" style="border-right-style: none;">
        <thead>
          <tr bgcolor="#0000FF">
            <th class="summary" width="400" align="left">Name</th>
            <th class="summary" width="150" align="left">${resultTitle}</th>
            <th class="summary" width="150" align="left">Description</th>
          </tr>
        </thead>
        <tbody>
${rows.join('\n')}
        </tbody>
      </table></span><br><br><br>`;

const blockText = (block: ReportBlock): string => {
  switch (block.kind) {
    case 'node':
      return `      <h3><img name="NodeImg">${escape(block.name)}</h3>`;
    case 'network':
      return `      <div><b>Network:</b> ${escape(block.name)}</div>`;
    case 'table':
      return `      <table align="center" width="99%" cellpadding="2" cellspacing="0" border="0" bgcolor="#C0C0C0" style="border-right-style: none;">
        <thead>
          <tr>${block.head.map((text) => `<th align="left">${escape(text)}</th>`).join('')}</tr>
        </thead>
        <tbody>
${block.rows
  .map(
    (cells, at) =>
      `          <tr bgcolor="${at % 2 === 0 ? '#FFFFFF' : '#F1F1F1'}" valign="Top">${cells.map((cell) => `<td>${escape(cell)}</td>`).join('')}</tr>`,
  )
  .join('\n')}
        </tbody>
      </table><br>`;
    default:
      return `      <div class="${block.kind}">${escape(block.text)}</div>`;
  }
};

const propertyRow = (cells: readonly string[]): string => `      <tr>
        <td width="150">
          <div class="propertyName">${cells[0]}</div>
        </td>
${cells
  .slice(1)
  .map((cell) => `        <td>\n          <div class="property">${escape(cell)}</div>\n        </td>`)
  .join('\n')}
      </tr>`;

const overallText = (worst: ReportResult, isWhole: boolean): string => {
  if (worst === 'cancelled')
    return 'Testing was canceled. You must run all tests to confirm that the configuration is suitable for clustering.';
  if (worst === 'failed')
    return 'Testing has completed for the tests you selected. You should review the errors in the report.  The configuration is not suitable for clustering.';
  if (!isWhole)
    return 'Testing has completed for the tests you selected. To confirm that your cluster solution is supported, you must run all tests.  A cluster solution is supported by Microsoft only if you run all cluster validation tests, and all tests succeed (with or without warnings).';
  return worst === 'warning'
    ? 'Testing has completed successfully. The configuration appears to be suitable for clustering.  However, you should review the report because it may contain warnings which you should address to attain the highest availability.'
    : 'Testing has completed successfully and the configuration is suitable for clustering.';
};

/** The report as the file that Test-Cluster writes: HTML with a byte order mark. */
export const reportHtml = ({ nodes, startedMs, endedMs, tests, isWhole }: ReportInput): string => {
  const categories = [...new Set(tests.map(({ category }) => category))];
  const top = 51;
  let next = 52;
  const categoryIds = new Map(categories.map((category) => [category, next++]));
  const testIds = new Map(tests.map((test) => [test, next++]));
  const overallId = next;
  const spanMs = (endedMs - startedMs) / Math.max(1, tests.length);
  const ordered = [...tests].sort((one, other) => one.name.localeCompare(other.name, 'en'));
  const sections = ordered.map((test) => {
    const at = tests.indexOf(test);
    return `<span><h2 id="${testIds.get(test)}">${escape(test.name)}</h2></span><ul>
      <div><b>Description:</b> ${escape(test.description)}</div>
      <div class="info">Start: ${dateText(startedMs + at * spanMs)}.</div>
${test.blocks.map(blockText).join('\n')}
      <div class="info">Stop: ${dateText(startedMs + (at + 1) * spanMs)}.</div>
    </ul><br><a href="&#xD;&#xA;            #${categoryIds.get(test.category)}"><font face="Segoe UI" size="1">Back to Summary</font></a><br><a href="&#xD;&#xA;          #${top}"><font face="Segoe UI" size="1">Back to Top</font></a>`;
  });
  return `\ufeff<html lang="en-US" dir="LTR">
  <head>
    <META http-equiv="Content-Type" content="text/html; charset=utf-8">
    <title>Failover Cluster Validation Report</title>
    <style media="screen" type="text/css"></style>
  </head>
  <body BGCOLOR="#FFFFFF" TOPMARGIN="0" LEFTMARGIN="0" MARGINWIDTH="0" MARGINHEIGHT="0" TEXT="#000000">
    <p>
      <table border="0" cellpadding="0" cellspacing="0" id="${top}">
        <thead>
          <th>
            <td><a href="http://www.microsoft.com"><img width="165" height="36" alt="Microsoft Home" title="" border="0" name="MicrosoftLogoImg"></a></td>
          </th>
        </thead>
      </table>
      <div class="title">Failover Cluster Validation Report</div><br></p>
    <table border="0" cellpadding="0" cellspacing="0" width="100%">
${nodes.map((node) => propertyRow(['Node: ', node, 'Validated'])).join('\n')}
${propertyRow(['Started', dateText(startedMs)])}
${propertyRow(['Completed', dateText(endedMs)])}
    </table>
    <div class="info">The Validate a Configuration Wizard must be run after any change is made to the configuration of the cluster or hardware. For more information, see <a href="http://go.microsoft.com/fwlink/p/?LinkId=280145">http://go.microsoft.com/fwlink/p/?LinkId=280145</a>.</div><br>${resultTable(
      '<h2>Results by Category</h2>',
      'Result Summary',
      categories.map((category) =>
        resultRow(
          link(categoryIds.get(category) ?? 0, category),
          worstOf(tests.filter((test) => test.category === category)),
        ),
      ),
    )}${categories
      .map((category) =>
        resultTable(
          `<h2 id="${categoryIds.get(category)}">${escape(category)}</h2>`,
          'Result',
          tests
            .filter((test) => test.category === category)
            .map((test) => resultRow(`<id>${link(testIds.get(test) ?? 0, test.name)}</id>`, test.result)),
        ),
      )
      .join('')}<span><h2 id="${overallId}">Overall Result</h2></span><ul>
  <div class="info">${overallText(worstOf(tests), isWhole)}</div>
</ul><br><hr><br>${sections.join('<br><hr><br>')}<script type="text/javascript"></script></body>
</html>
`;
};
