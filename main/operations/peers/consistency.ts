import { valueOf } from '../../../shared/model/fact.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { serverFactsSchema, type Consistency, type ServerFacts } from '../../../shared/model/consistency.ts';
import type { HostFacts } from '../../../shared/model/facts.ts';
import { judgeConsistency, type ClockOffset, type ComparedServer } from '../../../shared/rules/peers/consistency.ts';
import type { Ports } from '../../ports/ports.ts';
import { readPart } from '../plans/read-part.ts';
import { answered } from './group.ts';

/** Facts that came alone, from a file or of a machine that is not Windows: `because` says why there is no more. */
export const factsAlone = (facts: HostFacts, because: string, quorateVersion: string | null = null): ServerFacts => ({
  schema: 'quorate.server-facts/1',
  facts,
  nics: null,
  initiatorName: null,
  machineSid: null,
  quorateVersion,
  unread: [
    { property: 'machineSid', because },
    { property: 'nics', because },
    { property: 'initiatorName', because },
  ],
});

/** What this server tells of itself, to be compared. Changes nothing. */
export const gatherServerFacts = async (
  ports: Ports,
  quorateVersion: string,
  signal?: AbortSignal,
): Promise<ServerFacts> => {
  const options = signal ? { signal } : {};
  const [facts, nics, initiator, machineSid] = await Promise.all([
    ports.facts.gather(options),
    readPart(() => ports.nics.list(options)),
    readPart(() => ports.initiator.readState(options)),
    readPart(() => ports.host.readMachineSid(options)),
  ]);
  const iqn = initiator.value?.iqn ?? null;
  const iqnUnread =
    initiator.because ??
    initiator.value?.unread.find(({ property }) => property === 'iqn')?.because ??
    'the initiator did not tell its name; its service may be stopped';
  return {
    schema: 'quorate.server-facts/1',
    facts,
    nics:
      nics.value?.map((nic) => ({
        name: nic.name,
        interfaceGuid: nic.interfaceGuid,
        permanentAddress: nic.permanentAddress,
        isHardware: nic.isHardware,
        description: nic.description,
        driverVersion: nic.driver.version,
        switchName:
          nic.membership?.kind === 'switchMember' || nic.membership?.kind === 'switchPort'
            ? nic.membership.switchName
            : null,
      })) ?? null,
    initiatorName: iqn,
    machineSid: machineSid.value,
    quorateVersion,
    unread: [
      ...(machineSid.value === null
        ? [{ property: 'machineSid', because: machineSid.because ?? 'it has no local account, as a domain controller' }]
        : []),
      ...(nics.because === null ? [] : [{ property: 'nics', because: nics.because }]),
      ...(iqn === null ? [{ property: 'initiatorName', because: iqnUnread }] : []),
    ],
  };
};

/** How far another server's clock is from ours, as the connection to it measured; null where it measured nothing. */
export const clockOf = (
  link: { readonly clockOffsetMs: number | null; readonly clockToleranceMs: number | null } | undefined,
): ClockOffset | null =>
  link && link.clockOffsetMs !== null
    ? { offsetMs: link.clockOffsetMs, toleranceMs: link.clockToleranceMs ?? 0 }
    : null;

/** A file of facts as a server beside others; `id` is the file's name. */
export const serverOfFile = (id: string, facts: HostFacts): ServerToAsk => ({
  id,
  name: valueOf(facts.machine.name) ?? id,
  clock: () => null,
  version: () => null,
  ask: () => Promise.resolve(factsAlone(facts, 'a file of facts does not hold it')),
});

/** A server whose facts are still to be asked for. */
export interface ServerToAsk {
  readonly id: string;
  readonly name: string;
  readonly clock: () => ClockOffset | null;
  /** The version of its Quorate as the connection told it; null: it told none. */
  readonly version: () => string | null;
  /** Answers in the form of `serverFactsSchema`, not yet checked. */
  readonly ask: () => Promise<unknown>;
}

/**
 * Asks all servers at once and puts them side by side. One that does not answer has a column that says why.
 * @throws Failure PEER_NONE_TO_COMPARE, CANCELLED
 */
export const compareServers = async (
  servers: readonly ServerToAsk[],
  at: string,
  signal?: AbortSignal,
  nodes: readonly string[] = [],
): Promise<Consistency> => {
  if (servers.length < 2) throw failure('PEER_NONE_TO_COMPARE', {});
  const compared = await Promise.all(
    servers.map(async ({ id, name, clock, version, ask }): Promise<ComparedServer> => {
      const { answer, because } = await answered(ask(), serverFactsSchema, signal);
      const quorateVersion = answer?.quorateVersion ?? version();
      return { id, name, facts: answer, because, clock: clock(), quorateVersion };
    }),
  );
  const wanted = nodes.map((name) => name.toLowerCase());
  // Servers are renamed on the way: the name that counts is the one that the server itself tells now.
  const named = compared.map((one) => ({
    ...one,
    name: (one.facts && valueOf(one.facts.facts.machine.name)) ?? one.name,
  }));
  return judgeConsistency(
    wanted.length === 0 ? compared : named.filter(({ name }) => wanted.includes(name.toLowerCase())),
    at,
  );
};
