import { memo, type JSX } from 'react';
import type { SeenServer, Wanted } from '../../../shared/model/formation.ts';
import { roleLabels } from '../../../shared/model/cluster-file.ts';
import { normaliseAddress } from '../../../shared/model/address.ts';
import { allSteps, type Run } from './run.ts';
import { isClusterThere, isSwitchThere, machineNode } from './standing.ts';
import './formation.css';

const lanes = ['production', 'clusterPrivate', 'iscsiA', 'iscsiB'] as const;
type Lane = (typeof lanes)[number];
const isLane = (role: string): role is Lane => (lanes as readonly string[]).includes(role);

// Narrow enough for a console of 800x600 without a sideways scroll.
const serverX = 20;
const serverWidth = 238;
const laneX = (lane: number): number => 306 + lane * 44;
const storageX = 470;
const storageWidth = 182;
const width = 660;
const top = 62;
const pillWidth = 66;

const clip = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** Those machines of a server that its box has room for; of more than two the first and how many others there are. */
const pillsOf = (machines: readonly string[]): readonly string[] =>
  machines.length <= 2
    ? machines.map((name) => clip(name, 8))
    : [clip(machines[0]!, 8), `and ${machines.length - 1} more`];

/** With many servers each is a line of its own with its ports as dots. */
const heightOf = (ports: number, servers: number): number => (servers <= 4 ? 30 + ports * 18 + 6 : 26);

interface Port {
  readonly mac: string;
  readonly role: string;
  readonly name: string;
  /** It is there, with a link and an address. */
  readonly isReady: boolean;
  readonly address: string;
}

const portsOf = (wanted: Wanted['servers'][number], seen: SeenServer | undefined): Port[] =>
  wanted.nics
    .filter(({ role }) => isLane(role))
    .map(({ mac, role, name }) => {
      const nic = seen?.nics.find((one) => one.mac === mac);
      const address = nic?.addresses.find((one) => !one.startsWith('169.254.') && !one.startsWith('fe80'));
      return { mac, role, name, isReady: nic?.isConnected === true && address !== undefined, address: address ?? '' };
    });

const ServerBox = ({
  server,
  seen,
  y,
  isSmall,
  machines,
}: {
  server: Wanted['servers'][number];
  seen: SeenServer | undefined;
  y: number;
  isSmall: boolean;
  machines: readonly string[];
}): JSX.Element => {
  const ports = portsOf(server, seen);
  const height = isSmall ? heightOf(0, 5) - 4 : heightOf(ports.length, 1) - 4;
  const pills = pillsOf(machines);
  const pillX = (index: number): number => serverX + serverWidth - 6 - (pills.length - index) * (pillWidth + 4) + 4;
  const portY = (index: number): number => (isSmall ? y + height / 2 : y + 37 + index * 18);
  return (
    <g>
      <rect
        x={serverX}
        y={y}
        width={serverWidth}
        height={height}
        rx="2"
        className={seen ? 'g-box' : 'g-box g-absent'}
      />
      <text x={serverX + 10} y={y + (isSmall ? 15 : 19)} className="g-name">
        {clip(server.name, pills.length > 1 ? 11 : 18)}
      </text>
      {pills.map((name, index) => (
        <g key={name}>
          <rect x={pillX(index)} y={y + 3} width={pillWidth} height="18" rx="9" className="g-machine" />
          <text x={pillX(index) + pillWidth / 2} y={y + 16} textAnchor="middle" className="g-small">
            {name}
          </text>
        </g>
      ))}
      {ports.map((port, index) => {
        const lane = lanes.indexOf(port.role as Lane);
        return (
          <g key={port.mac} className={`g-line g-line-${port.role}${port.isReady ? '' : ' g-wanted'}`}>
            {isSmall ? null : (
              <text x={serverX + 22} y={portY(index) + 4} className="g-small">
                {clip(port.name, 14)} {clip(port.address, 18)}
              </text>
            )}
            <path d={`M${serverX + serverWidth} ${portY(index)}H${laneX(lane)}`} />
            <circle cx={laneX(lane)} cy={portY(index)} r="4" className="g-dot" />
          </g>
        );
      })}
    </g>
  );
};

const Storage = ({
  wanted,
  seen,
  isFormed,
  y,
}: {
  wanted: Wanted;
  seen: readonly SeenServer[];
  isFormed: boolean;
  y: number;
}): JSX.Element => {
  const unseen = seen.length > 0 ? 'Not seen yet' : 'Not read yet';
  const connected = (address: string): number =>
    seen.filter(({ sessions }) =>
      sessions?.some(
        ({ portal, isConnected }) =>
          isConnected && normaliseAddress(portal.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')) === address,
      ),
    ).length;
  const diskOf = (serial: string) => seen.flatMap(({ disks }) => disks ?? []).filter((disk) => disk.serial === serial);
  const lunY = y + 30 + wanted.portals.length * 24;
  const height = 44 + wanted.portals.length * 24 + wanted.luns.length * 36;
  return (
    <g>
      <rect x={storageX} y={y} width={storageWidth} height={height} rx="2" className="g-box" />
      <text x={storageX + 10} y={y + 19} className="g-name">
        {wanted.storageHost ? `Target of ${clip(wanted.storageHost.name, 12)}` : 'Target'}
      </text>
      {wanted.portals.map(({ address, role }, index) => {
        const at = y + 36 + index * 24;
        const count = connected(normaliseAddress(address) ?? address);
        return (
          <g key={address} className={`g-line g-line-${role}${count > 0 ? '' : ' g-wanted'}`}>
            <path d={`M${laneX(lanes.indexOf(role as Lane))} ${at}H${storageX}`} />
            <circle cx={laneX(lanes.indexOf(role as Lane))} cy={at} r="4" className="g-dot" />
            <text x={storageX + 10} y={at + 4} className="g-small">
              {clip(address, count > 0 ? 15 : 26)}
              {count > 0 ? `, ${count} ${count === 1 ? 'server' : 'servers'}` : ''}
            </text>
          </g>
        );
      })}
      {wanted.luns.map(({ serial, purpose, letter, label }, index) => {
        const found = diskOf(serial);
        const holder = found.find((disk) => disk.letter !== null);
        const isClustered = isFormed || found.some((disk) => disk.isClustered);
        const at = lunY + index * 36;
        return (
          <g key={serial}>
            <rect
              x={storageX + 10}
              y={at}
              width={storageWidth - 20}
              height="30"
              rx="2"
              className={holder || isClustered ? 'g-lun g-lun-ready' : found.length > 0 ? 'g-lun' : 'g-lun g-absent'}
            />
            <text x={storageX + 18} y={at + 13} className="g-small g-strong">
              {purpose === 'witness' ? 'Witness' : clip(label || 'Data', 16)} {holder?.letter ?? letter}:
            </text>
            <text x={storageX + 18} y={at + 26} className="g-small">
              {isClustered
                ? 'In the cluster'
                : holder
                  ? 'Prepared'
                  : found.length > 0
                    ? `Seen by ${found.length}`
                    : unseen}
            </text>
          </g>
        );
      })}
    </g>
  );
};

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
  /** The names of the virtual switches that are there, one a line. */
  switches: string;
}): JSX.Element {
  const isSmall = wanted.servers.length > 4;
  const sizeOf = ({ nics }: Wanted['servers'][number]): number =>
    heightOf(nics.filter(({ role }) => isLane(role)).length, wanted.servers.length);
  const heights = wanted.servers.map(sizeOf);
  const tops = heights.map((_height, index) => top + heights.slice(0, index).reduce((sum, one) => sum + one, 0));
  const bottom = top + heights.reduce((sum, one) => sum + one, 0);
  const storageHeight = 44 + wanted.portals.length * 24 + wanted.luns.length * 36;
  const { storageHost } = wanted;
  // Outside the frame of the cluster, below it: it is no node.
  const hostTop = bottom + 34;
  const lanesTo = Math.max(storageHost ? hostTop + sizeOf(storageHost) : bottom, top + storageHeight) + 6;
  // The names of the switches stand below the lanes, where no line crosses them.
  const height = lanesTo + 10 + wanted.switches.length * 16;
  const there = switches.split('\n');
  return (
    <div className="q-scroll" tabIndex={0} role="region" aria-label="Picture of the cluster">
      <svg
        className="g-picture"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-labelledby="formation-picture-title"
      >
        <title id="formation-picture-title">
          {`${wanted.servers.length} servers, ${storageHost ? `the storage host ${storageHost.name}, ` : ''}their networks and the target; ${isFormed ? `the cluster ${wanted.cluster} is formed` : 'no cluster yet'}. The table below says the same.`}
        </title>
        <rect
          x={serverX - 12}
          y={top - 34}
          width={serverWidth + 24}
          height={bottom - top + 40}
          rx="6"
          className={isFormed ? 'g-cluster' : 'g-cluster g-absent'}
        />
        <text x={serverX} y={top - 14} className="g-name">
          Cluster {wanted.cluster}
          {isFormed ? null : <tspan className="g-small g-plain"> (not formed yet)</tspan>}
        </text>
        {lanes.map((role, lane) => (
          <g key={role} className={`g-line g-line-${role}`}>
            <path d={`M${laneX(lane)} ${top - 24}V${lanesTo}`} />
            <text x={laneX(lane)} y={top - 32 - (lane % 2) * 14} textAnchor="middle" className="g-small">
              {roleLabels[role]}
            </text>
          </g>
        ))}
        {wanted.servers.map((server, index) => (
          <ServerBox
            key={server.name}
            server={server}
            seen={servers.find((one) => one.server === server.name)}
            y={tops[index]!}
            isSmall={isSmall}
            machines={(JSON.parse(hosts) as [string, string | null][]).flatMap(([name, node]) =>
              node === server.name ? [name] : [],
            )}
          />
        ))}
        {storageHost ? (
          <>
            <text x={serverX} y={hostTop - 8} className="g-small">
              Storage host with the target {clip(storageHost.target, 16)}
            </text>
            <ServerBox
              server={storageHost}
              seen={servers.find((one) => one.server === storageHost.name)}
              y={hostTop}
              isSmall={isSmall}
              machines={[]}
            />
          </>
        ) : null}
        {wanted.switches.map(({ name, role }, index) => (
          <text
            key={name}
            x={laneX(Math.max(0, lanes.indexOf(role as Lane))) - 6}
            y={lanesTo + 14 + index * 16}
            className={there.includes(name) ? 'g-small g-strong' : 'g-small'}
          >
            {`Switch ${clip(name, 14)}${there.includes(name) ? '' : ' (not yet)'}`}
          </text>
        ))}
        <Storage wanted={wanted} seen={servers} isFormed={isFormed} y={top} />
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
export type Shown = Pick<Run, 'direction' | 'servers' | 'wanted' | 'steps' | 'earlier' | 'machines'>;

/** Servers, networks, storage, cluster and virtual machines, each solid once it is there. The table below says the same in words. */
export const Picture = ({ run }: { run: Shown }): JSX.Element | null => {
  const { wanted, servers, machines } = run;
  const steps = allSteps(run);
  const found = wanted?.machines.map(({ name }) => [name, machineNode(name, steps, machines)] as const) ?? [];
  const switched = wanted?.switches.filter(({ name }) => isSwitchThere(name, steps)).map(({ name }) => name) ?? [];
  const hosts = JSON.stringify(found);
  const switches = switched.join('\n');
  return wanted ? (
    <Drawing
      wanted={wanted}
      servers={servers}
      isFormed={isClusterThere({ ...run, steps })}
      hosts={hosts}
      switches={switches}
    />
  ) : null;
};
