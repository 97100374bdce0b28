import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { prefixLengthOfMask } from '../../shared/model/address.ts';
import type { MeasuredEnd, MeasuredEnds } from '../../shared/model/network-measure.ts';
import type { MeasurePort, SocketMeasurePort } from '../ports/measure-port.ts';
import { sendEchoes } from './echo-probe.ts';

const numberIn = (path: string): number | null => {
  try {
    const number = Number(readFileSync(path, 'utf8').trim());
    return Number.isInteger(number) && number > 0 ? number : null;
  } catch {
    // The speed of an interface that is down, or that has none, cannot be read.
    return null;
  }
};

const megabit = 1_000_000;

const readEnds = (): MeasuredEnd[] =>
  Object.entries(networkInterfaces()).flatMap(([nic, held]) =>
    (held ?? []).flatMap(({ family, internal, address, netmask }): MeasuredEnd[] => {
      const prefixLength = prefixLengthOfMask(netmask);
      if (family !== 'IPv4' || internal || prefixLength === null || prefixLength === 0) return [];
      const speed = numberIn(`/sys/class/net/${nic}/speed`);
      return [
        {
          address,
          prefixLength,
          nic,
          role: null,
          mtuBytes: numberIn(`/sys/class/net/${nic}/mtu`),
          linkSpeedBps: speed === null ? null : speed * megabit,
        },
      ];
    }),
  );

/** NICs that hold a wider IPv6 address and no IPv4 one. */
const readIpv6Only = (): MeasuredEnds['ipv6Only'] =>
  Object.entries(networkInterfaces()).flatMap(([nic, held = []]) => {
    const wide = held.find(
      ({ family, internal, address }) => family === 'IPv6' && !internal && !address.toLowerCase().startsWith('fe80:'),
    );
    return wide && !held.some(({ family }) => family === 'IPv4') ? [{ nic, address: wide.address }] : [];
  });

/** This Linux machine as others measure it. It knows no portals: what an initiator of Linux is told is not read. */
export const linuxMeasure = (sockets: SocketMeasurePort): MeasurePort => ({
  ends: () => Promise.resolve({ ends: readEnds(), ipv6Only: readIpv6Only(), portals: [] }),
  echo: (train, options) => sendEchoes(train, options?.signal),
  answer: (request, options) => sockets.answer(request, options),
  endAnswer: (token) => sockets.endAnswer(token),
  knock: (request, options) => sockets.knock(request, options),
  push: (request, options) => sockets.push(request, options),
  hear: (request, options) => sockets.hear(request, options),
  tell: (request, options) => sockets.tell(request, options),
});
