import { memo, type JSX } from 'react';
import type { SeenServer, Wanted } from '../../../shared/model/formation.ts';
import type { Topology } from '../../../shared/model/topology.ts';
import { drawnOf, topologyPicture, type Drawn, type Shape } from '../../../shared/model/topology-picture.ts';
import { allSteps, type Run } from './run.ts';
import './formation.css';

const Part = ({ shape }: { shape: Shape }): JSX.Element => {
  switch (shape.kind) {
    case 'group':
      return (
        <g className={shape.style || undefined}>
          <Parts shapes={shape.shapes} />
        </g>
      );
    case 'rect': {
      const { x, y, width, height, rx, style } = shape;
      return <rect x={x} y={y} width={width} height={height} rx={rx} className={style} />;
    }
    case 'path':
      return <path d={shape.d} />;
    case 'circle':
      return <circle cx={shape.cx} cy={shape.cy} r={shape.r} className={shape.style} />;
    case 'text':
      return (
        <text x={shape.x} y={shape.y} textAnchor={shape.isCentred ? 'middle' : undefined} className={shape.style}>
          {shape.text}
          {shape.after ? <tspan className={shape.after.style}>{shape.after.text}</tspan> : null}
        </text>
      );
  }
};

/** The parts of a picture keep their places while it is drawn again. */
const Parts = ({ shapes }: { shapes: readonly Shape[] }): JSX.Element[] =>
  shapes.map((shape, index) => <Part key={`${shape.kind} ${index}`} shape={shape} />);

/** Drawn anew only when something of the picture changes, which most steps of a run do not: 64 servers are a thousand lines and boxes. */
const Drawing = memo(function Drawing({
  wanted,
  servers,
  isFormed,
  hosts,
  switches,
}: {
  wanted: Wanted;
  servers: readonly SeenServer[];
  isFormed: boolean;
  /** Of each machine that is wanted the server that it runs on, as JSON: what is alike by its text is not drawn again. */
  hosts: string;
  /** The names of the virtual switches that are there, as JSON. */
  switches: string;
}): JSX.Element {
  const { width, height, title, shapes } = topologyPicture({
    ...{ wanted, servers, isFormed },
    hosts: JSON.parse(hosts) as Drawn['hosts'],
    switches: JSON.parse(switches) as Drawn['switches'],
  });
  return (
    <div className="q-scroll" tabIndex={0} role="region" aria-label="Picture of the cluster">
      <svg
        className="g-picture"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-labelledby="formation-picture-title"
      >
        <title id="formation-picture-title">{title}</title>
        <Parts shapes={shapes} />
      </svg>
    </div>
  );
});

/** What the dashed parts of the picture are: of servers that were not read, as after a restart of Quorate, nothing is claimed. */
export const pictureLegend = ({ servers }: { readonly servers: readonly SeenServer[] }): string =>
  servers.length > 0
    ? 'Dashed: not there yet.'
    : 'Dashed: not read yet. Quorate reads the servers when the formation continues.';

/** What of a run, or of a plan, is drawn. */
export type Shown = Pick<Run, 'direction' | 'state' | 'servers' | 'wanted' | 'steps' | 'earlier' | 'machines'>;

/** Null: nobody knows what is wanted. */
export const topologyOf = (run: Shown): Topology | null =>
  run.wanted && {
    ...run,
    wanted: run.wanted,
    steps: allSteps(run),
    isWhole: ['running', 'paused', 'formed', 'undone'].includes(run.state),
  };

/** Servers, networks, storage, cluster and virtual machines, each solid once it is there. The table below says the same in words. */
export const Picture = ({ run }: { run: Shown }): JSX.Element | null => {
  const topology = topologyOf(run);
  if (!topology) return null;
  const { wanted, servers, isFormed, hosts, switches } = drawnOf(topology);
  return (
    <Drawing
      wanted={wanted}
      servers={servers}
      isFormed={isFormed}
      hosts={JSON.stringify(hosts)}
      switches={JSON.stringify(switches)}
    />
  );
};
