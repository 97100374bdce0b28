/**
 * The report's look: black on white first, so that it prints on A4 and Letter without a colour printer; each outcome has a
 * shape and a word besides its colour.
 */
const reportStyle = `
@page { margin: 14mm 14mm 16mm; }
* { box-sizing: border-box; }
html { font: 10.5pt/1.4 "Segoe UI", "Noto Sans", "Liberation Sans", Arial, sans-serif; color: #1b1b1b; background: #fff; }
body { margin: 0 auto; max-width: 190mm; padding: 8mm 4mm; }
h1 { font-size: 19pt; line-height: 1.25; margin: 0 0 2mm; font-weight: 600; overflow-wrap: anywhere; }
h2 { font-size: 13pt; margin: 8mm 0 2mm; font-weight: 600; border-bottom: 1px solid #8a8a8a; padding-bottom: 1mm; break-after: avoid; }
h3 { font-size: 11pt; margin: 0; font-weight: 600; }
p { margin: 0 0 2mm; }
.small { font-size: 9pt; color: #424242; }
.code, td.value, dd { overflow-wrap: anywhere; }
.code { font-family: Consolas, "Liberation Mono", monospace; font-size: 9pt; white-space: pre-wrap; }
.banner { border: 2px solid #1b1b1b; padding: 2mm 4mm; font-weight: 600; margin-bottom: 4mm; }
.verdict { border-left: 6px solid #1b1b1b; padding: 1mm 0 1mm 5mm; margin: 5mm 0; }
.verdict.ready { border-color: #0e700e; } .verdict.notReady { border-color: #b10e1c; } .verdict.unknown { border-color: #6b3fa0; }
.three { display: flex; gap: 4mm; margin: 4mm 0; }
.three > div { flex: 1; border: 1px solid #8a8a8a; padding: 3mm; }
.outcome { font-weight: 600; white-space: nowrap; }
.pass { color: #0e5c0e; } .warn { color: #7a4a00; } .fail { color: #a30c18; } .unknownText { color: #5b2f92; } .notApplicable { color: #555; }
dl { display: grid; grid-template-columns: 34mm 1fr; gap: 0.6mm 3mm; margin: 2mm 0; }
dt { color: #424242; } dd { margin: 0; }
table { border-collapse: collapse; width: 100%; margin: 1mm 0 2mm; table-layout: fixed; }
th, td { text-align: left; vertical-align: top; padding: 0.8mm 2mm 0.8mm 0; border-bottom: 1px solid #d6d6d6; font-size: 9pt; }
thead { display: table-header-group; }
tr, svg { break-inside: avoid; }
.check { break-inside: avoid; padding: 2.5mm 0; border-bottom: 1px solid #d6d6d6; }
.head { display: flex; justify-content: space-between; gap: 4mm; }
.catalog { display: flex; gap: 6mm; align-items: center; break-inside: avoid; }
.catalog svg { width: 32mm; height: 32mm; flex: none; }
footer { margin-top: 8mm; border-top: 1px solid #8a8a8a; padding-top: 2mm; font-size: 8.5pt; color: #424242; }
@media screen { html { background: #f3f3f3; } body { background: #fff; padding: 12mm; margin: 8mm auto; } }
@media print { a { color: inherit; text-decoration: none; } }
`;

/**
 * A report as one HTML file: no script, no reference to anything outside. `title` and `body` are markup: who gives them has escaped what came from
 * a machine.
 */
export const reportPage = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${title}</title>
<style>${reportStyle}</style>
</head>
<body>
${body}
</body>
</html>
`;
