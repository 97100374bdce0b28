import { expect } from 'vitest';
import { featureStateOf, isHyperVRunning } from '../../../shared/model/roles.ts';
import type { ServerChange } from '../../../shared/changes/index.ts';
import { restart } from '../../support/changes.ts';
import { contract, contractGroup, failureOf, type ContractHost } from './contract.ts';

/** Roles and features: what is in force at once, what waits for a restart, and what Windows refuses. */
export const rolesContract = (host: ContractHost): void => {
  contractGroup(host, 'roles', (context) => {
    contract(
      context,
      'are refused in words of their own',
      ['role.prerequisite', 'role.sourceMissing'],
      async ({ ports, world }) => {
        const install: ServerChange = { do: 'roles.install', features: ['Hyper-V'], source: null };
        const firmware = await world.fault({ kind: 'virtualizationOff', server: 'NODE1' });
        expect(await failureOf(ports.apply(install))).toMatchObject({
          code: 'ROLE_PREREQUISITE_FAILED',
          effect: 'none',
        });
        await world.clearFault(firmware);
        const multipath: ServerChange = { do: 'mpio.installFeature' };
        for (const [feature, change] of [['Hyper-V', install] as const, ['Multipath-IO', multipath] as const]) {
          const payload = await world.fault({ kind: 'featureSourceMissing', server: 'NODE1', feature });
          expect(await failureOf(ports.apply(change))).toMatchObject({
            code: 'ROLE_SOURCE_MISSING',
            effect: 'none',
            detail: { features: feature },
          });
          await world.clearFault(payload);
        }
        expect(featureStateOf(await ports.roles.readState(), 'Hyper-V')).toBe('available');
      },
    );

    contract(context, 'are in force at once or after the restart, and installed once', [], async ({ ports, world }) => {
      const features = ['Failover-Clustering', 'Hyper-V'] as const;
      const install: ServerChange = { do: 'roles.install', features: [...features], source: null };
      for (let time = 0; time < 2; time++) {
        await ports.apply(install);
        const state = await ports.roles.readState();
        expect(features.map((name) => featureStateOf(state, name))).toEqual(['installed', 'installPending']);
        expect([isHyperVRunning(state), state.managementService]).toEqual([false, 'absent']);
      }
      await ports.apply(restart('Hyper-V'));
      await world.advance(60_000);
      const state = await ports.roles.readState();
      expect([isHyperVRunning(state), state.managementService, state.unread]).toEqual([true, 'running', []]);
      expect((await ports.cluster.readState()).membership).toBe('none');
    });

    contract(context, 'are removed', [], async ({ ports }) => {
      await ports.apply({ do: 'roles.remove', features: ['Failover-Clustering'] });
      expect(featureStateOf(await ports.roles.readState(), 'Failover-Clustering')).toBe('available');
      expect((await ports.cluster.readState()).membership).toBe('notInstalled');
    });
  });
};
