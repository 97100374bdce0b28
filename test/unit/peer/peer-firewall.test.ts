import { describe, expect, it } from 'vitest';
import { PeerFirewall } from '../../../main/peer/firewall.ts';
import type { PeerOpening } from '../../../main/ports/firewall-port.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { memoryFiles } from '../../support/peers.ts';

const start = (files = memoryFiles()) => {
  const calls: (readonly PeerOpening[])[] = [];
  const state = { isRefusing: false };
  const firewall = new PeerFirewall({
    files,
    dataFolder: 'C:\\ProgramData\\Quorate',
    program: 'C:\\quorate.exe',
    use: (work) =>
      work({
        setPeerOpenings: ({ owner, openings }) => {
          expect(owner).toMatch(/^[0-9a-f]{16}$/);
          if (state.isRefusing) return Promise.reject(failure('ACCESS_DENIED', { what: 'New-NetFirewallRule' }));
          calls.push(openings);
          return Promise.resolve();
        },
      }),
  });
  return { firewall, calls, files, state };
};
const door = { address: '10.0.0.11', port: 23_343, nic: 'Cluster' };

describe('the firewall rules for peers', () => {
  it('follow the doors, and are removed when the process ends', async () => {
    const { firewall, calls, files } = start();
    await firewall.set([]);
    expect(calls).toEqual([]);
    await firewall.set([door]);
    await firewall.set([door]);
    expect(firewall.view).toEqual({ state: 'open', reason: null });
    expect(files.content['peers/firewall.json']).toContain('true');
    await firewall.set([{ ...door, port: 1 }]);
    await firewall.close();
    expect(calls).toEqual([[door], [{ ...door, port: 1 }], []]);
    expect(files.content['peers/firewall.json']).toContain('false');
    expect(firewall.view.state).toBe('closed');
  });

  it('are made for no address of loopback, without a zone, and for multicast DNS over IPv4 only', async () => {
    const { firewall, calls } = start();
    await firewall.set([
      { ...door, address: '127.0.0.1' },
      { ...door, address: '::1' },
    ]);
    expect(calls).toEqual([]);
    await firewall.set([{ ...door, address: 'fe80::1%7' }]);
    expect(calls).toEqual([[{ ...door, address: 'fe80::1', nic: null }]]);
  });

  it.each([['{"version":1,"isOpen":true}'], ['damaged']])(
    'of a process that was killed are removed by the next, told by %s',
    async (text) => {
      const { firewall, calls } = start(memoryFiles({ 'peers/firewall.json': text }));
      await firewall.set([]);
      expect(calls).toEqual([[]]);
    },
  );

  it('are told as failed where they cannot be made, and tried again', async () => {
    const { firewall, calls, files, state } = start();
    state.isRefusing = true;
    await firewall.set([door]);
    expect(firewall.view).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('ACCESS_DENIED') as unknown,
    });
    // What a failure left behind is not known: the next process looks.
    expect(files.content['peers/firewall.json']).toContain('true');
    state.isRefusing = false;
    await firewall.set([door]);
    expect(calls).toEqual([[door]]);
    expect(firewall.view.state).toBe('open');
  });
});
