import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ports } from '../../../main/ports/ports.ts';
import { inferred, type Behaviour } from '../../../main/rehearsal/world/behaviour.ts';
import { behaviours, type BehaviourId } from '../../../main/rehearsal/world/behaviours/index.ts';
import type { ScenarioName } from '../../../main/rehearsal/world/scenarios/index.ts';
import type { FailureCode } from '../../../shared/messages/index.ts';
import { startTestWorld, type TestWorld } from '../../support/world.ts';

/** A host that the suite runs against: it opens the ports of a simulated server in its own way. */
export interface ContractHost {
  readonly name: string;
  /** Why it cannot run on this machine; null when it can. It is printed, and a machine of CI must not have a reason. */
  whyNot(): string | null;
  open(world: TestWorld, server: string): Promise<Ports>;
  /** Does every refusal come from the world? A script of the Windows host may read first and refuse by itself. */
  readonly asksWorldForRefusals?: boolean;
}

/** What one test of the contract works with. */
export interface ContractContext {
  readonly host: ContractHost;
  readonly world: TestWorld;
  readonly ports: Ports;
}

interface ContractOptions {
  readonly scenario?: ScenarioName;
}

/**
 * One group of the contract with a world of its own. `register` calls {@link contract} and {@link assumed}; the tests of
 * a group run in their order and build on each other, as a person's work on one server does.
 */
export const contractGroup = (
  host: ContractHost,
  title: string,
  register: (context: () => ContractContext) => void,
  options: ContractOptions = {},
): void => {
  describe(title, () => {
    let context: ContractContext | null = null;
    beforeAll(async () => {
      const world = await startTestWorld(options);
      context = { host, world, ports: await host.open(world, 'NODE1') };
    });
    afterAll(async () => {
      await context?.ports.close();
      await context?.world.stop();
    });
    register(() => context!);
  });
};

const table: Readonly<Record<string, Behaviour>> = behaviours;

/**
 * A test of the contract. `restsOn` names the modelled behaviours of Windows that its expectation rests on: each one must
 * have happened, and none may be inferred, because what nobody has proven satisfies no contract.
 */
export const contract = (
  context: () => ContractContext,
  title: string,
  restsOn: readonly BehaviourId[],
  body: (context: ContractContext) => Promise<void>,
): void => {
  it(title, async () => {
    for (const behaviour of restsOn)
      expect(table[behaviour]!.source, `${behaviour} is only inferred`).not.toBe(inferred);
    const { world } = context();
    await world.client.control('takeUsed');
    await body(context());
    const used = (await world.client.control('takeUsed')) as string[];
    if (!context().host.asksWorldForRefusals) return;
    for (const behaviour of restsOn) expect(used, `${behaviour} did not happen`).toContain(behaviour);
  });
};

/**
 * A test of behaviour that is inferred: it keeps both hosts alike, but it proves nothing about Windows and is listed
 * apart.
 */
export const assumed = (
  context: () => ContractContext,
  title: string,
  restsOn: readonly [BehaviourId, ...BehaviourId[]],
  body: (context: ContractContext) => Promise<void>,
): void => {
  it(`[I] ${title} (assumed, proves nothing about Windows)`, async () => {
    expect(
      restsOn.some((behaviour) => table[behaviour]!.source === inferred),
      'every behaviour has a source: make it a contract',
    ).toBe(true);
    await body(context());
  });
};

/** The failure that a promise ends in; fails when it ends well. */
export const failureOf = async (
  promise: Promise<unknown>,
): Promise<{ code: FailureCode; effect: string; retry: string }> => {
  try {
    await promise;
  } catch (error) {
    return error as { code: FailureCode; effect: string; retry: string };
  }
  throw new Error('it was not refused');
};

/** Writes twice: the first time it has to be so afterwards, the second time nothing may change. */
export const twice = async <T>(
  write: () => Promise<void>,
  read: () => Promise<T>,
  isSo: (value: T) => void,
): Promise<void> => {
  await write();
  const first = await read();
  isSo(first);
  await write();
  const second = await read();
  isSo(second);
  expect(second).toEqual(first);
};
