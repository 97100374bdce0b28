import { describe, expect, it } from 'vitest';
import { initiatorDesireSchema, type InitiatorDesireInput } from '../../../shared/plan/initiator/desire.ts';
import { planInitiator } from '../../../shared/plan/initiator/plan-initiator.ts';
import type { InitiatorObserved } from '../../../shared/plan/observed.ts';
import { makeInitiator, makeSession, target } from '../../support/observed-server.ts';

const path = {
  targetNodeAddress: target,
  initiatorPortalAddress: '10.1.0.1',
  targetPortalAddress: '10.1.0.100',
  targetPortalPort: 3260,
};
const plan = (
  desire: InitiatorDesireInput,
  observed: InitiatorObserved = makeInitiator(),
  secrets: Readonly<Record<string, string>> = {},
) => planInitiator(initiatorDesireSchema.parse(desire), observed, secrets);
const codes = (draft: ReturnType<typeof plan>) => draft.refusals.map((refusal) => refusal.code);
const actions = (draft: ReturnType<typeof plan>) =>
  draft.steps.flatMap((step) => (step.certainty === 'planned' ? [step.change.do] : []));
const chap = (secret: string) =>
  plan(
    { paths: [{ ...path, authentication: { kind: 'oneWayChap', userName: 'node1', secretName: 'it' } }] },
    makeInitiator(),
    { it: secret },
  );

describe('what a wanted logon is refused for', () => {
  it.each(['x'.repeat(11), 'x'.repeat(17), 'ü'.repeat(9), ''])('a CHAP secret of the wrong length (%#)', (secret) => {
    const draft = chap(secret);
    expect(codes(draft)).toEqual(['INITIATOR_SECRET_INVALID']);
    if (secret) expect(JSON.stringify(draft), 'the secret is nowhere in the plan').not.toContain(secret);
  });

  it.each(['x'.repeat(12), 'x'.repeat(16), 'ü'.repeat(8)])('not a CHAP secret of 12 to 16 bytes (%#)', (secret) => {
    const draft = chap(secret);
    expect(codes(draft)).toEqual([]);
    expect(JSON.stringify(draft)).not.toContain(secret);
  });

  it('the same secret for both directions, and one that was not given', () => {
    const authentication = { kind: 'mutualChap', userName: 'node1', secretName: 'it' } as const;
    const same = plan({ mutualSecretName: 'mutual', paths: [{ ...path, authentication }] }, makeInitiator(), {
      it: 'secret-of-both',
      mutual: 'secret-of-both',
    });
    expect(codes(same)).toEqual(['INITIATOR_SECRET_INVALID']);
    expect(codes(plan({ paths: [{ ...path, authentication }] }))).toEqual(['PLAN_SECRET_MISSING']);
  });

  it.each([
    'iqn.1991-05.com.microsoft:Node_1',
    'iqn.1991-13.com.microsoft:node1',
    'node1',
    'iqn.1991-05.com.microsoft:',
  ])('the initiator name %s', (iqn) => expect(codes(plan({ iqn }))).toEqual(['INITIATOR_NAME_INVALID']));

  it.each<[string, Partial<typeof path>, string]>([
    ['a source address that no NIC has', { initiatorPortalAddress: '10.9.0.1' }, 'INITIATOR_SOURCE_ADDRESS_UNKNOWN'],
    ['a source that is no address', { initiatorPortalAddress: 'iSCSI A' }, 'INITIATOR_PATH_INVALID'],
    ['a portal that is no address', { targetPortalAddress: 'array.example' }, 'INITIATOR_PATH_INVALID'],
    ['two address families', { targetPortalAddress: 'fd00::1' }, 'INITIATOR_PATH_INVALID'],
    ['a target name that is none', { targetNodeAddress: 'array1' }, 'INITIATOR_NAME_INVALID'],
    [
      'a target that was not discovered',
      { targetNodeAddress: 'iqn.2004-04.test.lab:other' },
      'INITIATOR_TARGET_NOT_FOUND',
    ],
  ])('%s', (_what, change, code) => expect(codes(plan({ paths: [{ ...path, ...change }] }))).toContain(code));

  it('a portal and its source of two address families', () => {
    const mixed = { targetPortalAddress: 'fd00::1', initiatorPortalAddress: path.initiatorPortalAddress };
    expect(codes(plan({ portals: [mixed] }))).toEqual(['INITIATOR_PORTAL_INVALID']);
  });

  it('not a portal that is outside the network of its port, which is said once, by path and portal alike', () => {
    const away = { targetPortalAddress: '192.0.2.66', initiatorPortalAddress: path.initiatorPortalAddress };
    const texts = (draft: ReturnType<typeof plan>) => draft.warnings.map(({ text }) => text);
    const draft = plan({ portals: [away], paths: [{ ...path, ...away }] });
    expect(codes(draft)).toEqual([]);
    expect(texts(draft).filter((text) => text.includes('192.0.2.66'))).toEqual([
      'The portal 192.0.2.66:3260 is outside the network of iSCSI A (10.1.0.0/24): it is reached only where iSCSI is routed. Check the address.',
    ]);
    expect(texts(plan({ portals: [away] })).join()).toContain('192.0.2.66');
    expect(texts(plan({ portals: [{ ...away, targetPortalAddress: '10.1.0.100' }] }))).toEqual([]);
  });

  it('multipath that is not ready', () => {
    const without = makeInitiator({
      mpio: { feature: 'available', claimsIscsi: null, loadBalancePolicy: null, unread: [] },
    });
    expect(codes(plan({ paths: [path] }, without))).toEqual(['MPIO_NOT_INSTALLED']);
    const unclaimed = makeInitiator({
      mpio: { feature: 'installed', claimsIscsi: false, loadBalancePolicy: 'RR', unread: [] },
    });
    expect(codes(plan({ paths: [path] }, unclaimed))).toEqual(['MPIO_NOT_CLAIMING']);
    expect(actions(plan({ paths: [{ ...path, isMultipathEnabled: false }] }, without))).toContain('initiator.logOn');
  });

  it('logons while the service is stopped, unless the same change starts it', () => {
    const stopped = makeInitiator({
      stateChange: {
        service: { state: 'stopped', startMode: 'manual' },
        sessions: null,
        favourites: null,
        targets: null,
        portals: null,
      },
    });
    expect(codes(plan({ paths: [path] }, stopped))).toEqual(['INITIATOR_SERVICE_STOPPED']);
    const started = plan({ service: true, paths: [path] }, stopped);
    expect(actions(started)).toEqual(['initiator.setService']);
    expect(started.followUp?.text).toContain('reads the initiator again');
  });
});

describe('an unknown observation', () => {
  it('of sessions or connections stops the plan', () => {
    const unread = makeInitiator({
      stateChange: { sessions: null, unread: [{ property: 'sessions', because: 'WINDOWS_RPC_UNAVAILABLE' }] },
    });
    expect(plan({ paths: [path] }, unread).unknowns).toMatchObject([{ because: 'WINDOWS_RPC_UNAVAILABLE' }]);
    const blind = makeInitiator({ stateChange: { sessions: [makeSession({ connections: null })] } });
    expect(plan({ paths: [path] }, blind).unknowns).toHaveLength(1);
  });
});

describe('the steps of a path', () => {
  const kept = { wantedPaths: [path] };

  it('log on and remember it; nothing when it is proven', () => {
    expect(actions(plan({ paths: [path] }))).toEqual(['initiator.logOn', 'initiator.setPathWanted']);
    expect(
      actions(plan({ paths: [path] }, makeInitiator({ ...kept, stateChange: { sessions: [makeSession()] } }))),
    ).toEqual([]);
  });

  it('register a session that is not persistent', () => {
    const observed = makeInitiator({ ...kept, stateChange: { sessions: [makeSession({ isPersistent: false })] } });
    expect(actions(plan({ paths: [path] }, observed))).toEqual(['initiator.registerSession']);
  });

  it('end a session that is not bound, with its favourite, and log on anew', () => {
    const observed = makeInitiator({
      ...kept,
      stateChange: {
        sessions: [makeSession({ initiatorPortalAddress: null })],
        favourites: [
          {
            targetNodeAddress: target,
            initiatorPortalAddress: null,
            targetPortalAddress: '10.1.0.100',
            targetPortalPort: 3260,
            isMultipathEnabled: true,
          },
        ],
      },
    });
    expect(actions(plan({ paths: [path] }, observed))).toEqual([
      'initiator.unregisterSession',
      'initiator.logOff',
      'initiator.removeFavourite',
      'initiator.logOn',
    ]);
  });

  it('end both of two sessions on one path and log on once', () => {
    const observed = makeInitiator({
      ...kept,
      stateChange: { sessions: [makeSession(), makeSession({ sessionIdentifier: 'ffff-2', isPersistent: false })] },
    });
    expect(actions(plan({ paths: [path] }, observed))).toEqual([
      'initiator.unregisterSession',
      'initiator.logOff',
      'initiator.logOff',
      'initiator.logOn',
    ]);
  });

  it('end a session over the same portal that starts from the wrong NIC, but leave the other iSCSI path', () => {
    const from = (address: string, id: string) =>
      makeSession({
        sessionIdentifier: id,
        initiatorPortalAddress: address,
        isPersistent: false,
        connections: [{ ...makeSession().connections![0]!, initiatorAddress: address }],
      });
    const wrong = plan(
      { paths: [path] },
      makeInitiator({ ...kept, stateChange: { sessions: [from('192.168.0.5', 'wrong')] } }),
    );
    expect(wrong.steps.map((step) => step.change)).toMatchObject([
      { do: 'initiator.logOff', sessionIdentifier: 'wrong' },
      { do: 'initiator.logOn' },
    ]);
    const other = plan(
      { paths: [path] },
      makeInitiator({ ...kept, stateChange: { sessions: [from('10.2.0.1', 'path B')] } }),
    );
    expect(actions(other)).toEqual(['initiator.logOn']);
  });

  it('that is not wanted any more: session, favourite and memory go', () => {
    const favourite = { ...path, isMultipathEnabled: true };
    const observed = makeInitiator({ ...kept, stateChange: { sessions: [makeSession()], favourites: [favourite] } });
    expect(actions(plan({ paths: [{ ...path, present: false }] }, observed))).toEqual([
      'initiator.unregisterSession',
      'initiator.logOff',
      'initiator.removeFavourite',
      'initiator.setPathWanted',
    ]);
  });
});

describe('multipath I/O', () => {
  it('is installed first; the rest is planned after the restart', () => {
    const observed = makeInitiator({
      mpio: { feature: 'available', claimsIscsi: null, loadBalancePolicy: null, unread: [] },
    });
    const draft = plan({ mpio: { installed: true, claimsIscsi: true }, paths: [path] }, observed);
    expect(actions(draft)).toEqual(['mpio.installFeature']);
    expect(draft.followUp?.text).toContain('restarted');
    const pending = makeInitiator({
      mpio: { feature: 'installPending', claimsIscsi: null, loadBalancePolicy: null, unread: [] },
    });
    const waiting = plan({ mpio: { installed: true, claimsIscsi: true }, paths: [path] }, pending);
    expect(actions(waiting)).toEqual([]);
    expect(waiting.followUp?.text).toContain('restart');
  });

  it('claims before the logons', () => {
    const observed = makeInitiator({
      mpio: { feature: 'installed', claimsIscsi: false, loadBalancePolicy: 'None', unread: [] },
    });
    const draft = plan({ mpio: { claimsIscsi: true, loadBalancePolicy: 'RR' }, paths: [path] }, observed);
    expect(actions(draft)).toEqual([
      'mpio.setIscsiClaim',
      'mpio.setLoadBalancePolicy',
      'initiator.logOn',
      'initiator.setPathWanted',
    ]);
  });
});

describe('portals, name, firewall, volumes', () => {
  it('replaces a portal that asks from another address', () => {
    const portal = {
      targetPortalAddress: '10.1.0.100',
      targetPortalPort: 3260,
      initiatorInstanceName: null,
      isHeaderDigest: false,
      isDataDigest: false,
    };
    const observed = makeInitiator({ stateChange: { portals: [{ ...portal, initiatorPortalAddress: null }] } });
    const desire = { portals: [{ targetPortalAddress: '10.1.0.100', initiatorPortalAddress: '10.1.0.1' }] };
    expect(actions(plan(desire, observed))).toEqual(['initiator.removePortal', 'initiator.addPortal']);
    const right = makeInitiator({ stateChange: { portals: [{ ...portal, initiatorPortalAddress: '10.1.0.1' }] } });
    expect(actions(plan(desire, right))).toEqual([]);
  });

  it('says what a new initiator name means for the targets', () => {
    const draft = plan({ iqn: 'iqn.1991-05.com.microsoft:new' });
    expect(actions(draft)).toEqual(['initiator.setName']);
    expect(draft.warnings.map((warning) => warning.text).join()).toContain(
      'have to admit iqn.1991-05.com.microsoft:new',
    );
  });

  it('binds the volumes that the service does not wait for yet', () => {
    const volume = { path: '\\\\?\\Volume{1}\\', driveLetter: 'Q' };
    expect(actions(plan({ bindVolumes: true }, makeInitiator({ iscsiVolumes: [volume] })))).toEqual([
      'initiator.bindVolumes',
    ]);
    const nameless = { ...volume, path: `${volume.path}2`, driveLetter: null };
    const [both] = plan({ bindVolumes: true }, makeInitiator({ iscsiVolumes: [volume, nameless] })).steps;
    expect(both?.title).toBe('Bind to the iSCSI service: Q:, a volume without a letter');
    const bound = makeInitiator({ iscsiVolumes: [volume], stateChange: { boundVolumes: ['Q:\\'] } });
    expect(actions(plan({ bindVolumes: true }, bound))).toEqual([]);
    expect(plan({ bindVolumes: true }, makeInitiator({ iscsiVolumes: null })).unknowns).toHaveLength(1);
  });

  it('does not call missing firewall rules "off"', () => {
    const observed = makeInitiator({ stateChange: { firewallRules: [] } });
    expect(plan({ firewall: true }, observed).unknowns).toHaveLength(1);
  });
});
