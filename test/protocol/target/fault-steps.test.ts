import { describe, expect, it } from 'vitest';
import { RESERVED_TAG } from '../../../main/iscsi/index.ts';
import { protocolSteps, type ProtocolStep } from '../../../main/rehearsal/faults/steps.ts';
import { startTarget, testTargetName, type TestTarget } from '../../support/embedded-target.ts';
import { openRawSession, RawInitiator, rawInitiatorName } from '../../support/raw-initiator.ts';
import { block, chap, mutualSecret, secret, write } from './fault-conversations.ts';

/** How a conversation comes to each step, up to the moment before the target's PDU is due. */
const approach: Record<ProtocolStep, (target: TestTarget) => Promise<RawInitiator>> = {
  connect: async (target) => {
    const initiator = await RawInitiator.connect(target);
    initiator.sendLogin({ currentStage: 0 }, [['InitiatorName', rawInitiatorName]]);
    return initiator;
  },
  'login-start': async (target) => {
    const initiator = await RawInitiator.connect(target);
    initiator.sendLogin({ transit: true, currentStage: 0, nextStage: 1 }, firstPairs);
    return initiator;
  },
  'chap-challenge': async (target) => {
    const initiator = await RawInitiator.connect(target);
    await initiator.loginStep({ currentStage: 0 }, firstPairs);
    initiator.sendLogin({ currentStage: 0 }, [['CHAP_A', '5']]);
    return initiator;
  },
  'chap-result': async (target) => {
    const initiator = await RawInitiator.connect(target);
    // The login goes as far as the target lets it: the step strikes when CHAP_R is answered.
    initiator.login({ chap: { user: 'node1', secret, mutualSecret } }).catch(() => undefined);
    return initiator;
  },
  'login-operational': async (target) => {
    const initiator = await RawInitiator.connect(target);
    // A request that does not ask to go on is answered in the stage.
    initiator.sendLogin({ currentStage: 1 }, [
      ['InitiatorName', rawInitiatorName],
      ['SessionType', 'Discovery'],
    ]);
    return initiator;
  },
  'login-final': async (target) => {
    const initiator = await RawInitiator.connect(target);
    initiator.login({ chap: { user: 'node1', secret } }).catch(() => undefined);
    return initiator;
  },
  'text-response': async (target) => {
    const initiator = await proven(target, 'Discovery');
    initiator.text([['SendTargets', 'All']]).catch(() => undefined);
    return initiator;
  },
  'scsi-response': async (target) => {
    const initiator = await proven(target);
    initiator.command('000000000000').catch(() => undefined);
    return initiator;
  },
  'data-in': async (target) => {
    const initiator = await proven(target);
    initiator.command('12000000ff00', { expectedLength: 255 }).catch(() => undefined);
    return initiator;
  },
  r2t: async (target) => {
    const initiator = await proven(target);
    await initiator.clearAttentions();
    initiator.command(write, { dataOut: block }).catch(() => undefined);
    return initiator;
  },
  'nop-in': async (target) => {
    const initiator = await proven(target);
    initiator.send({ kind: 'nopOut', immediate: true, itt: 9, ttt: RESERVED_TAG, cmdSn: initiator.cmdSn });
    return initiator;
  },
  'task-management-response': async (target) => {
    const initiator = await proven(target);
    initiator.manageTask(2).catch(() => undefined);
    return initiator;
  },
  'logout-response': async (target) => {
    const initiator = await proven(target);
    initiator.logout().catch(() => undefined);
    return initiator;
  },
};

const firstPairs = [
  ['InitiatorName', rawInitiatorName],
  ['TargetName', testTargetName],
  ['AuthMethod', 'CHAP'],
] as const;

const proven = async (target: TestTarget, sessionType: 'Normal' | 'Discovery' = 'Normal'): Promise<RawInitiator> => {
  const initiator = await RawInitiator.connect(target);
  const { status } = await initiator.login({
    sessionType,
    ...(sessionType === 'Normal' ? { chap: { user: 'node1', secret } } : {}),
  });
  expect(status).toBe('0000');
  return initiator;
};

describe('at every step of a conversation', () => {
  const named = Object.keys(protocolSteps) as ProtocolStep[];

  it.each(named)('%s: a cut ends the connection, and the next one works', async (step) => {
    const target = await startTarget({ chap, faults: [`cut:${step}@1`] });
    const initiator = await approach[step](target);
    await initiator.closed();
    expect(target.events).toContainEqual(expect.objectContaining({ kind: 'fault', fault: 'cut' }));
    await proven(target);
  });

  it.each(named)('%s: a stall leaves the connection open and silent', async (step) => {
    const target = await startTarget({ chap, faults: [`stall:${step}@1`] });
    const initiator = await approach[step](target);
    await expect.poll(() => struck(target, 'stall')).toBe(true);
    const before = initiator.received.length;
    initiator.send({ kind: 'nopOut', immediate: true, itt: 10, ttt: RESERVED_TAG, cmdSn: initiator.cmdSn });
    await proven(target);
    expect(initiator.received).toHaveLength(before);
  });

  it.each(named)('%s: garbage is no PDU', async (step) => {
    const target = await startTarget({ chap, faults: [`garbage:${step}@1`] });
    const initiator = await approach[step](target);
    await initiator.waitFor(() => initiator.streamError ?? undefined, 'garbage').catch(() => undefined);
    expect(initiator.streamError).not.toBeNull();
  });

  it.each(named)('%s: half a PDU, then the end', async (step) => {
    const target = await startTarget({ chap, faults: [`half:${step}@1`] });
    const initiator = await approach[step](target);
    await initiator.closed().catch(() => undefined);
    expect(struck(target, 'half')).toBe(true);
  });
});

const struck = (target: TestTarget, fault: string): boolean =>
  target.events.some((event) => event.kind === 'fault' && event.fault === fault);

describe('PDUs that lie', () => {
  it('a data segment that never comes', async () => {
    const target = await startTarget({ faults: ['overlong:command-inquiry@1'] });
    const initiator = await openRawSession(target);
    initiator.command('12000000ff00', { expectedLength: 255 }).catch(() => undefined);
    await expect.poll(() => struck(target, 'overlong')).toBe(true);
    expect(initiator.received).toEqual([]);
  });

  it('a tag that was never used', async () => {
    const target = await startTarget({ faults: ['wrong-tag:command-inquiry@1'] });
    const initiator = await openRawSession(target);
    initiator.command('12000000ff00', { expectedLength: 255 }).catch(() => undefined);
    expect((await initiator.take('dataIn')).itt).toBe(0x0bad0bad);
  });

  it('a Reject', async () => {
    const target = await startTarget({ faults: ['reject:command-persistent-reserve-in@1'] });
    const initiator = await openRawSession(target);
    await initiator.clearAttentions();
    initiator.command('5e000000000000ff0000', { expectedLength: 255 }).catch(() => undefined);
    expect((await initiator.take('reject')).reason).toBe(4);
    expect((await initiator.command('5e000000000000ff0000', { expectedLength: 255 })).status).toBe(0);
  });
});
