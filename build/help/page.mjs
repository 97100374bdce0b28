// The help as one page of HTML: no script, no picture, nothing that is loaded.
const escape = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const anchor = (place) => place.replace('#', '--');

const html = (nodes) =>
  nodes
    .map((node) => {
      if (typeof node === 'string') return escape(node);
      const inner = html(node.children);
      if (node.tag === 'link') return `<a href="#${anchor(node.to)}">${inner}</a>`;
      if (node.tag === 'screen') return `<strong>${inner}</strong>`;
      if (node.tag === 'address') return inner.includes(escape(node.to)) ? inner : `${inner} (${escape(node.to)})`;
      return `<${node.tag}>${inner}</${node.tag}>`;
    })
    .join('');

const style = `
body { font: 15px/1.5 "Segoe UI", "Open Sans", sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; color: #1b1b1b; background: #fff }
h1, h2, h3, h4 { line-height: 1.25; margin: 2rem 0 .5rem } article > h2 { border-bottom: 1px solid #767676 }
code, pre { font-family: Consolas, monospace; font-size: .9em } pre { overflow-x: auto; padding: .5rem; background: #f3f3f3; white-space: pre-wrap }
table { border-collapse: collapse; width: 100% } th, td { border: 1px solid #bbb; padding: .25rem .5rem; text-align: left; vertical-align: top; overflow-wrap: anywhere }
@media (prefers-color-scheme: dark) { body { color: #e6e6e6; background: #1b1b1b } pre { background: #2b2b2b } a { color: #7cc0ff } }
@media print { nav { display: none } }`;

/** @param {{ version: string, topics: { id: string, title: string, sections: { id: string, title: string, level: number, body: object[] }[] }[] }} book */
export const bookPage = ({ version, topics }) => {
  const contents = topics.map(({ id, title, sections }) => {
    const parts = sections.filter(({ level }, index) => index > 0 && level === 2);
    // Failures are looked for with the browser's own search.
    const list =
      parts.length > 0 && parts.length <= 40
        ? `<ul>${parts.map((one) => `<li><a href="#${id}--${one.id}">${escape(one.title)}</a></li>`).join('')}</ul>`
        : '';
    return `<li><a href="#${id}">${escape(title)}</a>${list}</li>`;
  });
  const articles = topics.map(({ id, sections }) => {
    const parts = sections.map((one, index) => {
      const level = Math.min(one.level + 1, 6);
      const heading = `<h${level} id="${index === 0 ? id : `${id}--${one.id}`}">${escape(one.title)}</h${level}>`;
      // The first heading is found by the topic and by its own name.
      return `${index === 0 ? `<span id="${id}--${one.id}"></span>` : ''}${heading}${html(one.body)}`;
    });
    return `<article>${parts.join('\n')}</article>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>Quorate ${escape(version)}: help</title>
<style>${style}</style>
</head>
<body>
<h1>Quorate ${escape(version)}: help</h1>
<p>Ctrl+F searches this page. The same help is in the window under Help, and on the command line: <code>quorate guide</code>.</p>
<nav aria-label="Contents"><ol>${contents.join('')}</ol></nav>
${articles.join('\n')}
</body>
</html>
`;
};
