import { topologyRows, type Topology } from '../../../shared/model/topology.ts';
import { drawnOf, topologyPicture, type Shape } from '../../../shared/model/topology-picture.ts';
import { escapeHtml } from '../reports/html-report.ts';

/** The look of the window's picture, in colours that print; each network has a colour, and its name beside its line. */
const look = `
.picture { width: 100%; height: auto; font: 13px 'Segoe UI', 'Noto Sans', 'Liberation Sans', Arial, sans-serif; }
.picture text { fill: #1b1b1b; } .picture .g-small { font-size: 12px; }
.picture .g-name, .picture .g-strong { font-weight: 600; } .picture .g-plain { font-weight: 400; }
.picture .g-box, .picture .g-lun, .picture .g-machine { fill: #fff; stroke: #616161; }
.picture .g-lun-ready { stroke: #0e700e; stroke-width: 3; }
.picture .g-cluster { fill: none; stroke: #0f548c; stroke-width: 3; }
.picture .g-absent { stroke: #8a8a8a; stroke-width: 1; stroke-dasharray: 4 3; }
.picture .g-line path { fill: none; stroke-width: 3; } .picture .g-wanted path { stroke-width: 1; stroke-dasharray: 3 4; }
.picture .g-dot { fill: #fff; stroke: #1b1b1b; stroke-width: 2; }
.picture .g-line-production path { stroke: #0f6cbd; } .picture .g-line-clusterPrivate path { stroke: #107c10; }
.picture .g-line-iscsiA path { stroke: #af33a1; } .picture .g-line-iscsiB path { stroke: #a33600; }
`;

const attributes = (given: Readonly<Record<string, string | number>>): string =>
  Object.entries(given)
    .map(([name, value]) => ` ${name}="${escapeHtml(String(value))}"`)
    .join('');

const svgOf = (shape: Shape): string => {
  switch (shape.kind) {
    case 'group':
      return `<g${shape.style ? attributes({ class: shape.style }) : ''}>${shape.shapes.map(svgOf).join('')}</g>`;
    case 'rect': {
      const { x, y, width, height, rx, style } = shape;
      return `<rect${attributes({ x, y, width, height, rx, class: style })}/>`;
    }
    case 'path':
      return `<path${attributes({ d: shape.d })}/>`;
    case 'circle':
      return `<circle${attributes({ cx: shape.cx, cy: shape.cy, r: shape.r, class: shape.style })}/>`;
    case 'text': {
      const { x, y, text, style, isCentred, after } = shape;
      const rest = after ? `<tspan${attributes({ class: after.style })}>${escapeHtml(after.text)}</tspan>` : '';
      return `<text${attributes({ x, y, class: style, ...(isCentred ? { 'text-anchor': 'middle' } : {}) })}>${escapeHtml(text)}${rest}</text>`;
    }
  }
};

/** The picture of the window with the table that says the same, as markup for a record. */
export const topologyHtml = (topology: Topology): string => {
  const { width, height, title, shapes } = topologyPicture(drawnOf(topology));
  const rows = topologyRows(topology)
    .map(
      ([what, name, state]) =>
        `<tr><td>${escapeHtml(what)}</td><td class="value">${escapeHtml(name)}</td><td class="value">${escapeHtml(state)}</td></tr>`,
    )
    .join('');
  const drawn = shapes.map(svgOf).join('');
  const dashed = topology.servers.length > 0 ? 'Dashed: not there, or not known.' : 'Dashed: not read.';
  return `<style>${look}</style>
<svg class="picture" viewBox="0 0 ${width} ${height}" role="img"${attributes({ 'aria-label': title })}>${drawn}</svg>
${/class="[^"]*\bg-(?:absent|wanted)\b/.test(drawn) ? `<p class="small">${dashed}</p>` : ''}
<table><thead><tr><th style="width:22%">What</th><th style="width:40%">Name</th><th style="width:38%">State</th></tr></thead><tbody>${rows}</tbody></table>`;
};
