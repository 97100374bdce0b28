import { describe, expect, it } from 'vitest';
import { topologyHtml } from '../../../main/operations/formation/html-topology.ts';
import { exampleClusterFile } from '../../../shared/model/cluster-file-example.ts';
import { clusterFileSchema } from '../../../shared/model/cluster-file.ts';
import { topologyRows, type StandingStep, type Topology } from '../../../shared/model/topology.ts';
import { drawnOf, topologyPicture, type Shape } from '../../../shared/model/topology-picture.ts';
import { wantedOf } from '../../../shared/plan/formation/wanted.ts';

const topologyOf = (servers: number, what: Partial<Topology> = {}): Topology => ({
  direction: 'form',
  wanted: wantedOf(clusterFileSchema.parse(exampleClusterFile({ servers }))),
  servers: [],
  steps: [],
  isWhole: true,
  machines: [],
  ...what,
});
const done = (id: string, stage: string): StandingStep => ({ id, node: id.split('/')[0]!, stage, state: 'done' });
const formed = [
  done('NODE1/cluster.create', 'form'),
  done('NODE1/switch.create:Machines', 'machines'),
  done('NODE2/switch.create:Machines', 'machines'),
  done('NODE2/vm.create:VM1', 'machines'),
];

const flat = (shapes: readonly Shape[]): Shape[] =>
  shapes.flatMap((shape) => (shape.kind === 'group' ? [shape, ...flat(shape.shapes)] : [shape]));
const textsOf = (topology: Topology): string[] =>
  flat(topologyPicture(drawnOf(topology)).shapes).flatMap((shape) => (shape.kind === 'text' ? [shape.text] : []));

describe('the picture of a formation', () => {
  it.each([2, 3, 4, 5, 16, 64])('holds all of %i servers, each once, within its size', (servers) => {
    const topology = topologyOf(servers);
    const { width, height, shapes } = topologyPicture(drawnOf(topology));
    for (const shape of flat(shapes)) {
      if (shape.kind === 'rect') {
        expect(shape.x).toBeGreaterThanOrEqual(0);
        expect(shape.x + shape.width).toBeLessThanOrEqual(width);
        expect(shape.y + shape.height).toBeLessThanOrEqual(height);
      } else if (shape.kind === 'text') expect(shape.y).toBeLessThanOrEqual(height);
    }
    const texts = textsOf(topology);
    for (const { name } of topology.wanted.servers) expect(texts.filter((text) => text === name)).toHaveLength(1);
  });

  it('draws nothing solid that is not there, and says so', () => {
    const html = topologyHtml(topologyOf(2));
    expect(html).toContain('<tspan class="g-small g-plain"> (not formed yet)</tspan>');
    expect(html).toContain('class="g-cluster g-absent"');
    expect(html).toContain('Dashed: not read.');
    expect(html).not.toContain('>VM1</text>');
    expect(topologyRows(topologyOf(2))).toContainEqual(['Virtual machine', 'VM1', 'Not there yet']);
  });

  it('puts the machine on the server that it was created on, unless it was read elsewhere', () => {
    expect(textsOf(topologyOf(2, { steps: formed }))).toContain('VM1');
    expect(topologyRows(topologyOf(2, { steps: formed }))).toContainEqual([
      'Virtual machine',
      'VM1',
      'Created on NODE2',
    ]);
    const read = topologyOf(2, { steps: formed, machines: [{ name: 'VM1', node: 'NODE1' }] });
    expect(topologyRows(read)).toContainEqual(['Virtual machine', 'VM1', 'On NODE1']);
    expect(topologyRows(read)).toContainEqual(['Cluster', 'CLUSTER1', 'Formed']);
  });

  it('claims of a run that stopped only what was read', () => {
    const stopped = topologyOf(2, { steps: formed, isWhole: false });
    expect(topologyRows(stopped)).toContainEqual(['Cluster', 'CLUSTER1', 'Not formed yet']);
    expect(topologyRows(stopped)).toContainEqual(['Virtual switch', 'Machines, Production', 'Not known']);
  });

  it('tells names apart of which one begins like the other', () => {
    const steps = [done('NODE2/vm.create:VM10', 'machines'), done('NODE1/switch.create:Machines2', 'machines')];
    expect(topologyRows(topologyOf(2, { steps }))).toContainEqual(['Virtual machine', 'VM1', 'Not there yet']);
    expect(topologyRows(topologyOf(2, { steps }))).toContainEqual([
      ...['Virtual switch', 'Machines, Production'],
      'Not there yet',
    ]);
  });

  it('shows in a record what came from a machine as text', () => {
    const topology = topologyOf(2, { steps: formed });
    const [first, ...others] = topology.wanted.servers;
    const odd = { ...topology, wanted: { ...topology.wanted, servers: [{ ...first!, name: '<b>"1"' }, ...others] } };
    const html = topologyHtml(odd);
    expect(html).not.toContain('<b>');
    expect(html).toContain('&lt;b&gt;&quot;1&quot;');
  });
});
