import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { needOtherPortals } from '../../../main/operations/qualification/other-portals.ts';

const addresses = [{ nic: 'lo', address: '127.0.0.1', prefixLength: 8, family: 'ipv4' as const, isLoopback: true }];
const server = { addresses: () => addresses, ownName: () => Promise.resolve('iqn.2026-01.example:node1') };
const signal = new AbortController().signal;

const listen = async (): Promise<string> => {
  const listener = createServer((socket) => void socket.on('error', () => undefined).resume());
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void listener.close(() => resolve())));
  return `127.0.0.1:${(listener.address() as { port: number }).port}`;
};

describe('further portals, before a run', () => {
  it('that take a connection are fine', async () => {
    await needOtherPortals({ otherPortals: [{ portal: await listen(), sourceIp: '127.0.0.1' }] }, server, signal);
  });

  it('that take one from another address only: it is named, and so is the portal', async () => {
    const portal = await listen();
    await expect(
      needOtherPortals({ otherPortals: [{ portal, sourceIp: '192.0.2.99' }] }, server, signal),
    ).rejects.toMatchObject({ code: 'ISCSI_PORTAL_ANSWERS_ELSEWHERE', detail: { portal, sourceIp: '127.0.0.1' } });
  });

  it('where nothing listens', async () => {
    const portal = '127.0.0.1:1';
    await expect(needOtherPortals({ otherPortals: [{ portal }] }, server, signal)).rejects.toMatchObject({
      code: 'ISCSI_PORTAL_REFUSED',
      detail: { portal },
    });
  });
});
