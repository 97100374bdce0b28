import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { findElectron } from '../../../build/setup/electron-runtime.mjs';
import { formatInvitation, parseInvitation } from '../../../shared/model/invitation.ts';
import { here, startFarPlace, type Place } from '../../support/far-process.ts';
import type { Party, PartyOptions } from '../../support/party.ts';
import { startRelay, until, type RelayRules } from '../../support/peers.ts';

/*
 * Pairing and channel between the two runtimes, Node (OpenSSL) and Electron (BoringSSL), broken as the protocol tests break them within one: whichever of
 * the two invites, and whoever of the two attacks.
 */

const partsOf = (code: string) => {
  const read = parseInvitation(code);
  if (!read.ok) throw new Error('no invitation');
  return read.parts;
};

describe('pairing between Node and Electron', () => {
  let far: Place;
  beforeAll(async () => {
    const electron = findElectron();
    if (!electron) throw new Error('no Electron runtime is here: npm start fetches one');
    far = await startFarPlace(electron.executable, { ELECTRON_RUN_AS_NODE: '1' });
  });
  afterAll(() => far?.close());

  /** Both ways: the place of the one who invites, and of the one who joins or attacks. */
  const mixtures = ['Node', 'Electron'] as const;
  const placesOf = (inviting: (typeof mixtures)[number]): [Place, Place] =>
    inviting === 'Node' ? [here, far] : [far, here];

  const open = async (place: Place, options: PartyOptions): Promise<Party> => {
    const party = await place.open(options);
    onTestFinished(() => party.close());
    return party;
  };
  const openBoth = async (inviting: (typeof mixtures)[number]): Promise<[Party, Party]> => {
    const [one, other] = placesOf(inviting);
    return [await open(one, { name: 'NODE1' }), await open(other, { name: 'NODE2' })];
  };
  const areConnected = async (one: Party, other: Party): Promise<boolean> =>
    (await one.isConnected(other.id)) && other.isConnected(one.id);

  it('is between two runtimes indeed', () => {
    expect([here.runtime, far.runtime]).toEqual(['Node', 'Electron']);
  });

  describe.each(mixtures)('%s invites', (inviting) => {
    it('pairs, with the same two words, and both ask each other', async () => {
      const [a, b] = await openBoth(inviting);
      const { words, failure } = await b.join(await a.invite(), a.port);
      expect(failure).toBeNull();
      await until('both are connected', () => areConnected(a, b));
      expect(words).toMatch(/^[a-z]+ [a-z]+$/);
      expect(await a.lastWords()).toBe(words);
      const input = { text: 'é'.repeat(100_000) };
      expect(await a.ask(b.id, input)).toEqual({ method: 'asked', input, by: 'NODE2' });
      expect(await b.ask(a.id, input)).toEqual({ method: 'asked', input, by: 'NODE1' });
    });

    it('takes no code that is used, expired or locked by a sixth try', async () => {
      const [a, b] = await openBoth(inviting);
      const code = await a.invite();
      expect(await b.join(code, a.port)).toMatchObject({ failure: null });
      expect(await b.join(code, a.port)).toMatchObject({ failure: 'PEER_INVITATION_USED' });
      const old = await a.invite();
      await a.advance(10 * 60_000 + 1);
      expect(await b.join(old, a.port)).toMatchObject({ failure: 'PEER_INVITATION_EXPIRED' });
      const right = await a.invite();
      const { prefix, secret } = partsOf(right);
      const failures: (string | null)[] = [];
      for (let wrong = 1n; wrong <= 5n; wrong += 1n)
        failures.push((await b.join(formatInvitation({ prefix, secret: secret ^ wrong }), a.port)).failure);
      failures.push((await b.join(right, a.port)).failure);
      expect(failures.slice(0, 4)).toEqual(Array.from({ length: 4 }, () => 'PEER_INVITATION_WRONG'));
      expect(failures.slice(4)).toEqual(['PEER_INVITATION_LOCKED', 'PEER_INVITATION_LOCKED']);
    });

    it('takes no right proof of another connection, role or certificate, and no second one on a connection', async () => {
      const [a] = await openBoth(inviting);
      const [, attacker] = placesOf(inviting);
      const kinds = await attacker.stranger('proveElsewhere', { port: a.port, code: await a.invite() });
      expect(kinds).toEqual(['wrong', 'wrong', 'wrong']);
      expect(await a.wrongTries()).toBe(3);
    });

    it('says nothing to a man in the middle with a certificate of its own, on either side', async () => {
      const [a, b] = await openBoth(inviting);
      const code = await a.invite();
      for (const place of placesOf(inviting)) {
        const middle = await place.stranger('stand', { port: a.port });
        expect(await b.join(code, middle)).toMatchObject({ failure: 'PEER_INVITATION_OTHER' });
        expect(await place.stranger('leave', { port: middle })).toBe(0);
      }
      expect([await a.stateOf(b.id), await b.stateOf(a.id)]).toEqual([null, null]);
    });

    it('is not spoken in TLS 1.2, and a message that is too long ends the connection', async () => {
      const [a, b] = await openBoth(inviting);
      const [, attacker] = placesOf(inviting);
      const code = await a.invite();
      expect(await attacker.stranger('connectByTls12', { port: a.port })).toBe('refused');
      expect(await attacker.stranger('announceTooMuch', { port: a.port })).toBe('hung up');
      const [place] = placesOf(inviting);
      const old = await place.stranger('stand', { port: a.port, isOld: true });
      expect(await b.join(code, old)).toMatchObject({ failure: 'PEER_NOT_QUORATE' });
      await place.stranger('leave', { port: old });
      expect(await b.join(code, a.port)).toMatchObject({ failure: null });
    });

    it('finds a half-open link and mends it when the network is back', async () => {
      const [one, other] = placesOf(inviting);
      const a = await open(one, { name: 'NODE1' });
      const b = await open(other, { name: 'NODE2', isListening: false });
      const relay = await startRelay(a.port);
      expect(await b.join(await a.invite(), relay.port)).toMatchObject({ failure: null });
      await until('they are connected', () => areConnected(a, b));
      // a names its own address as well; the link has to go through the relay alone.
      await b.reachBy(a.id, relay.port);
      const carried = relay.bytes.toServer;
      await until('the relay carries their signs of life', () => relay.bytes.toServer > carried);
      relay.stall();
      await until('both know', async () => !(await a.isConnected(b.id)) && !(await b.isConnected(a.id)));
      relay.flow();
      await until('they are connected again', () => areConnected(a, b));
    });

    // As among those of one runtime, in the protocol storey.
    it('stays open while ten thousand who say nothing stand before the door', { retry: 2 }, async () => {
      const [a, b] = await openBoth(inviting);
      const [, attacker] = placesOf(inviting);
      const code = await a.invite();
      const crowd = attacker.stranger('crowd', { port: a.port, count: 10_000 });
      expect(await b.join(code, a.port)).toMatchObject({ failure: null });
      expect(await crowd).toBe(10_000);
      await until('they are connected', () => areConnected(a, b));
    });

    const breakages: readonly NonNullable<RelayRules['then']>[] = ['cut', 'end', 'garbage', 'stall'];
    // A handshake and the conversation have some 3,000 bytes each way.
    const places = [50, 700, 1_200, 1_800, 2_400];
    it.each(breakages)('leaves no half-made trust behind when %s breaks it at any step, either way', async (then) => {
      const cases = places.flatMap((after) =>
        (['toServer', 'toClient'] as const).map((direction) => ({ after, direction })),
      );
      const outcomes = await Promise.all(
        cases.map(async (rules) => {
          const [a, b] = await openBoth(inviting);
          const relay = await startRelay(a.port, { then, ...rules });
          // What falls silent is given up after a while; what is expected to succeed has all the time that it needs.
          if (then === 'stall') await b.wait(3_000);
          const { failure } = await b.join(await a.invite(), relay.port);
          if (failure === null) expect(await b.stateOf(a.id)).toBe('paired');
          else {
            expect(failure).toMatch(/^PEER_(NOT_QUORATE|REFUSED|PAIRING_BROKEN|UNREACHABLE)$/);
            // The joiner believes nobody without a proof, and whom it has written down has proven itself.
            if ((await b.stateOf(a.id)) !== null) expect(['unfinished', 'paired']).toContain(await a.stateOf(b.id));
            expect(await a.stateOf(b.id)).not.toBe('introduced');
          }
          relay.close();
          await b.wait(60_000);
          expect(await b.join(await a.invite(), a.port)).toMatchObject({ failure: null });
          await until('they are connected', () => areConnected(a, b));
          return failure;
        }),
      );
      expect(new Set(outcomes).size).toBeGreaterThan(1);
    });
  });
});
