import { isInPrefix, isSameAddress, type AddressFamily } from '../../model/address.ts';
import { changeSchema, kindOf, nicSettings, type Change } from '../../changes/index.ts';
import { bindings, type Nic, type NicRole } from '../../model/nic.ts';
import { whyUnread } from '../../model/observed.ts';
import { DraftBuilder, type Draft } from '../draft.ts';
import type { NetworkObserved } from '../observed.ts';
import type { PlanAnswers } from '../plan.ts';
import { connectionsOver, iscsiSessionsOver, peersOver } from './connections.ts';
import type { NetworkDesire, NicDesire } from './desire.ts';
import { finalNics, splitAddress } from './final-state.ts';
import { refuseNetwork } from './refusals.ts';
import { settingsOfRole } from './roles.ts';

const families = ['ipv4', 'ipv6'] as const;

/** Plans one NIC: holds what the steps of all its settings have in common. */
class NicPlanner {
  readonly #builder: DraftBuilder;
  readonly #nic: Nic;
  readonly #desire: NicDesire;
  readonly #whys: Readonly<Record<string, string>>;
  /** What has to be agreed to before its connections may be cut. */
  readonly #questions: readonly string[];
  readonly #name: string;
  readonly #role: NicRole | null;
  readonly #observed: NetworkObserved;
  /** The server with the NIC's new name: what follows its renaming speaks of it so. */
  readonly #named: NetworkObserved;

  constructor(builder: DraftBuilder, nic: Nic, desire: NicDesire, observed: NetworkObserved) {
    this.#builder = builder;
    this.#nic = nic;
    this.#observed = observed;
    const role = desire.role ?? observed.roles.get(nic.interfaceGuid);
    const ofRole = desire.applyRole && role ? settingsOfRole[role] : { desire: {}, why: {} };
    // What was asked for by name goes before what follows from the role.
    this.#desire = {
      ...desire,
      ...Object.fromEntries(
        Object.entries(ofRole.desire).filter(([key]) => desire[key as keyof NicDesire] === undefined),
      ),
    };
    this.#whys = ofRole.why;
    this.#role = role ?? null;
    this.#name = desire.name ?? nic.name;
    this.#named = {
      ...observed,
      nics: observed.nics.map((one) => (one === nic ? { ...nic, name: this.#name } : one)),
    };
    const carried = connectionsOver(nic, observed);
    const known = [
      ...(carried ?? []).map((session) => `${session.service} from ${session.remoteAddress}`),
      ...peersOver(nic, observed).map((name) => `the connection of the paired server ${name}`),
    ];
    const isUnread = carried === null && (nic.addresses === null || nic.addresses.length > 0);
    if (isUnread || known.length > 0) {
      const who = [
        ...(isUnread ? ['Which connections run over it could not be read.'] : []),
        ...(known.length > 0 ? [`It carries ${known.join(', ')}.`] : []),
      ].join(' ');
      const question = builder.ask({
        kind: 'cutConnection',
        subject: nic.interfaceGuid,
        text: `Change ${nic.name}? ${who} The change reverts by itself unless it is confirmed in time.`,
        expected: null,
      });
      this.#questions = [question, ...this.#askForSessions()];
    } else this.#questions = this.#askForSessions();
  }

  /** A path to the storage that is cut takes its disks along where there is no other: it is said before, and agreed to. */
  #askForSessions(): string[] {
    const { name, interfaceGuid, addresses } = this.#nic;
    const sessions = iscsiSessionsOver(this.#nic, this.#observed);
    if (sessions === null && this.#observed.iscsiSessions === null && (addresses ?? []).length > 0)
      this.#builder.warn(
        `Whether ${name} carries iSCSI sessions could not be read. A change may cut a path to the storage.`,
      );
    if (!sessions || sessions.length === 0) return [];
    const targets = [...new Set(sessions.map(({ targetNodeAddress }) => targetNodeAddress))].join(', ');
    return [
      this.#builder.ask({
        kind: 'agree',
        subject: interfaceGuid,
        text: `${name} carries ${sessions.length === 1 ? 'an iSCSI session' : `${sessions.length} iSCSI sessions`} to ${targets}. Changing it cuts ${sessions.length === 1 ? 'it' : 'them'}; disks without another path become unavailable. Change it anyway?`,
        expected: null,
      }),
    ];
  }

  /**
   * `setting` names the part of the desire that asked, so that a role can say why it wants it; `why` and `undoText` replace the
   * kind's own words; `endedLease` is the family whose lease an earlier step of the plan ends.
   */
  #change(
    change: Change,
    own: {
      readonly setting?: string;
      readonly why?: string;
      readonly undoText?: string;
      readonly endedLease?: AddressFamily;
    } = {},
  ): void {
    const { setting, endedLease, ...words } = own;
    const cuts = this.#questions.length > 0 && (kindOf(change).cuts?.(change) ?? false);
    // Its own renaming is the one step that speaks of the old name.
    const observed = change.do === 'nic.rename' ? this.#observed : this.#named;
    this.#builder.change(change, endedLease ? this.#withoutLease(observed, endedLease) : observed, {
      ...words,
      because: setting === undefined ? undefined : this.#whys[setting],
      questions: cuts ? this.#questions : [],
    });
  }

  /** The server once a lease has ended: what DHCP supplied is gone with it. */
  #withoutLease(observed: NetworkObserved, family: AddressFamily): NetworkObserved {
    const nics = observed.nics.map((nic) =>
      nic.interfaceGuid === this.#nic.interfaceGuid
        ? {
            ...nic,
            gateways: nic.gateways?.filter((gateway) => gateway.family !== family) ?? null,
            dnsServers: nic.dnsServers && { ...nic.dnsServers, [family]: [] },
          }
        : nic,
    );
    return { ...observed, nics };
  }

  /** Says that a property that decides something was not read; true when it was not. */
  #isUnread(property: string, words: string, value: unknown, absent = 'it was not read'): boolean {
    if (value !== null) return false;
    this.#builder.unknown(`${words} of ${this.#nic.name}`, whyUnread(this.#nic, property) ?? absent);
    return true;
  }

  plan(currentRole: string | null): void {
    this.#planRole(currentRole);
    this.#planName();
    if (this.#desire.enabled === true) this.#planEnabled();
    for (const family of families) this.#planDhcp(family);
    for (const family of families) this.#planAddresses(family);
    for (const family of families) this.#planGateway(family);
    for (const family of families) this.#planDnsServers(family);
    this.#planSettings();
    this.#planSharing();
    this.#planJumbo();
    this.#planPower();
    if (this.#desire.enabled === false) this.#planEnabled();
  }

  #planRole(current: string | null): void {
    const { role } = this.#desire;
    if (role === undefined || role === current) return;
    const nic = this.#nic.interfaceGuid;
    // A virtual switch's own port may have taken over the address of the adapter below it: only its GUID is its own.
    const permanentAddress = this.#nic.isVirtual ? null : this.#nic.permanentAddress;
    this.#change({ do: 'nic.setRole', nic, permanentAddress, role });
  }

  #planName(): void {
    const { name } = this.#desire;
    if (name === undefined || name === this.#nic.name) return;
    const nic = this.#nic.interfaceGuid;
    this.#change({ do: 'nic.rename', nic, newName: name });
  }

  #planEnabled(): void {
    const enabled = this.#desire.enabled!;
    if ((this.#nic.adminStatus === 'up') === enabled) return;
    if (this.#nic.adminStatus === 'unknown') {
      this.#builder.unknown(`whether ${this.#nic.name} is enabled`, 'Windows reports its status as unknown');
      return;
    }
    const nic = this.#nic.interfaceGuid;
    this.#change({ do: 'nic.setEnabled', nic, enabled });
  }

  /** DHCP as it is wanted: for IPv6 it and router advertisements live beside static addresses, only IPv4 excludes it. */
  #wantedDhcp(family: AddressFamily): boolean | undefined {
    const isStatic = (this.#desire.addresses?.[family] ?? []).length > 0;
    return this.#desire.dhcp?.[family] ?? (isStatic && family === 'ipv4' ? false : undefined);
  }

  /** Does the plan end a lease? Windows drops what DHCP supplied with it, also what is wanted. */
  #endsLease(family: AddressFamily): boolean {
    return this.#nic.dhcp?.[family] === true && this.#wantedDhcp(family) === false;
  }

  /** Gateway and DNS servers of a lease are kept for the NIC that has them by right: the production one, or one without a role. */
  #keepsLease(family: AddressFamily): boolean {
    const hasAddress = (this.#desire.addresses?.[family] ?? []).length > 0;
    return this.#endsLease(family) && hasAddress && (this.#role === null || this.#role === 'production');
  }

  #planDhcp(family: AddressFamily): void {
    const wanted = this.#wantedDhcp(family);
    if (wanted === undefined) return;
    if (this.#isUnread('dhcp', 'whether DHCP is on', this.#nic.dhcp)) return;
    if (this.#nic.dhcp![family] === wanted) return;
    const nic = this.#nic.interfaceGuid;
    this.#change({ do: 'nic.setDhcp', nic, family, enabled: wanted });
  }

  #planAddresses(family: AddressFamily): void {
    const wanted = this.#desire.addresses?.[family];
    if (!wanted) return;
    if (this.#isUnread('addresses', 'the addresses', this.#nic.addresses)) return;
    const nic = this.#nic.interfaceGuid;
    const current = this.#nic.addresses!.filter((entry) => entry.family === family && entry.origin === 'manual');
    const goal = wanted.flatMap((text) => splitAddress(text) ?? []);
    const isKept = (address: string, prefixLength: number): boolean =>
      goal.some((entry) => isSameAddress(entry.address, address) && entry.prefixLength === prefixLength);
    const isRight = ({ address, prefixLength, state }: (typeof current)[number]): boolean =>
      isKept(address, prefixLength) && state !== 'duplicate';
    const isThere = (address: string): boolean =>
      current.some((entry) => isRight(entry) && isSameAddress(entry.address, address));
    const remove = (address: string, why?: string): void =>
      this.#change({ do: 'nic.removeAddress', nic, address }, why === undefined ? {} : { why });
    const renewed = current.filter(
      (entry) => !isRight(entry) && goal.some((one) => isSameAddress(one.address, entry.address)),
    );
    for (const { address, prefixLength } of renewed)
      remove(
        address,
        isKept(address, prefixLength)
          ? 'Another machine answered for it when it was set: Windows does not use it until it is set again.'
          : `Its prefix length is ${prefixLength}; another one is wanted.`,
      );
    for (const { address, prefixLength } of goal)
      if (!isThere(address)) this.#change({ do: 'nic.addAddress', nic, address, prefixLength });
    // What is added comes first, so that the NIC keeps an address at any moment.
    for (const entry of current) if (!isRight(entry) && !renewed.includes(entry)) remove(entry.address);
  }

  #planGateway(family: AddressFamily): void {
    const asked = this.#desire.gateway?.[family];
    const endsLease = this.#endsLease(family);
    if (asked === undefined && !this.#keepsLease(family)) return;
    if (this.#isUnread('gateways', 'the gateways', this.#nic.gateways)) return;
    const current = this.#nic.gateways!.filter((gateway) => gateway.family === family);
    const wanted = asked === undefined ? this.#gatewayToKeep(current) : asked;
    if (wanted === undefined) return;
    if (endsLease && wanted !== null) {
      // It is planned whatever is there now.
    } else if (
      wanted === null ? current.length === 0 : current.length === 1 && isSameAddress(current[0]!.nextHop, wanted)
    )
      return;
    const nic = this.#nic.interfaceGuid;
    const [first] = current;
    this.#change(
      { do: 'nic.setGateway', nic, family, nextHop: wanted },
      {
        setting: 'gateway',
        ...(endsLease
          ? {
              why: `${first ? `The gateway ${first.nextHop}` : 'The gateway'} that DHCP supplies goes with the lease.`,
              undoText: 'Removes it again; DHCP supplies its own.',
              endedLease: family,
            }
          : {}),
      },
    );
  }

  /** The one gateway of the lease that ends, where a new address reaches it; undefined, and a warning, where none does. */
  #gatewayToKeep(current: readonly { readonly nextHop: string }[]): string | undefined {
    const [first, ...others] = current;
    if (!first || others.length > 0) return undefined;
    const reaches = [...(this.#desire.addresses?.ipv4 ?? []), ...(this.#desire.addresses?.ipv6 ?? [])]
      .flatMap((text) => splitAddress(text) ?? [])
      .some(({ address, prefixLength }) => isInPrefix(first.nextHop, address, prefixLength));
    if (reaches) return first.nextHop;
    this.#builder.warn(
      `${this.#name} loses the gateway ${first.nextHop} with DHCP; no new address reaches it. Name the gateway that it is to have.`,
    );
    return undefined;
  }

  #planDnsServers(family: AddressFamily): void {
    const asked = this.#desire.dnsServers?.[family];
    const endsLease = this.#endsLease(family);
    if (asked === undefined && !this.#keepsLease(family)) return;
    if (this.#isUnread('dnsServers', 'the DNS servers', this.#nic.dnsServers)) return;
    const current = this.#nic.dnsServers![family];
    const wanted = asked ?? current;
    if (asked === undefined && current.length === 0) return;
    if (wanted.length === 0 && current.length > 0 && !endsLease && this.#nic.dhcp?.[family] === true) {
      this.#builder.warn(
        `${this.#name} takes its address by DHCP, which may supply DNS servers as well. Give it a static address to be sure that it has none.`,
      );
    }
    if (endsLease && wanted.length > 0) {
      // It is planned whatever is there now.
    } else if (current.length === wanted.length && current.every((one, index) => isSameAddress(one, wanted[index]!)))
      return;
    const nic = this.#nic.interfaceGuid;
    this.#change(
      { do: 'nic.setDnsServers', nic, family, servers: wanted },
      {
        setting: 'dnsServers',
        ...(endsLease
          ? {
              ...(current.length > 0
                ? { why: `They are ${current.join(', ')}; those that DHCP supplies go with the lease.` }
                : {}),
              undoText: 'Goes back to what DHCP supplies.',
              endedLease: family,
            }
          : {}),
      },
    );
  }

  /** What is wanted as one value: each kind of change says of its own setting what it needs. */
  #planSettings(): void {
    const nic = this.#nic.interfaceGuid;
    for (const { key, words, property, absent, isMet, change } of nicSettings) {
      const wanted = this.#desire[key];
      if (wanted === undefined || this.#isUnread(property, words, this.#nic[property], absent)) continue;
      if (isMet ? isMet(this.#nic, wanted) : this.#nic[property] === wanted) continue;
      this.#change(changeSchema.parse(change(nic, wanted)), { setting: key });
    }
  }

  #planSharing(): void {
    const wanted = this.#desire.fileAndPrinterSharing;
    if (wanted === undefined) return;
    if (this.#isUnread('bindings', 'the bindings', this.#nic.bindings)) return;
    const componentId = bindings.fileAndPrinterSharing;
    const current = this.#nic.bindings![componentId];
    if (current === undefined) {
      if (wanted) this.#builder.refuse('NIC_BINDING_NOT_FOUND', { component: componentId, nic: this.#nic.name });
      return;
    }
    if (current === wanted) return;
    const nic = this.#nic.interfaceGuid;
    this.#change({ do: 'nic.setBinding', nic, componentId, enabled: wanted }, { setting: 'fileAndPrinterSharing' });
  }

  #planJumbo(): void {
    const wanted = this.#desire.jumboPacketBytes;
    const current = this.#nic.jumboPacket;
    if (wanted === undefined || !current || current.valueBytes === wanted) return;
    const nic = this.#nic.interfaceGuid;
    this.#builder.warn(
      `Jumbo frames work only if ${this.#name}, every switch and the other side agree. Prove it with an echo that may not be fragmented.`,
    );
    this.#change({ do: 'nic.setJumboPacket', nic, valueBytes: wanted });
  }

  #planPower(): void {
    const wanted = this.#desire.powerSaving;
    if (wanted === undefined) return;
    if (this.#isUnread('powerSaving', 'the power saving', this.#nic.powerSaving)) return;
    const current = this.#nic.powerSaving!;
    if (current === 'unsupported') {
      // A role never insists on what a device cannot do; a person who asks for it by name is told.
      if (wanted) this.#builder.refuse('NIC_POWER_UNSUPPORTED', { nic: this.#nic.name });
      return;
    }
    if ((current === 'allowed') === wanted) return;
    const nic = this.#nic.interfaceGuid;
    this.#change({ do: 'nic.setPowerSaving', nic, allowed: wanted }, { setting: 'powerSaving' });
  }
}

/** Plans the network adapters of one server. */
export const planNetwork = (desire: NetworkDesire, observed: NetworkObserved, answers: PlanAnswers): Draft => {
  const builder = new DraftBuilder(observed.node, `Set up the network of ${observed.node}`, answers);
  const desires = new Map(desire.nics.map((entry) => [entry.nic, entry]));
  refuseNetwork(builder, desire, finalNics(desires, observed), observed);
  if (builder.isStopped) return builder.build();
  for (const entry of desire.nics) {
    const nic = observed.nics.find((candidate) => candidate.interfaceGuid === entry.nic)!;
    new NicPlanner(builder, nic, entry, observed).plan(observed.roles.get(nic.interfaceGuid) ?? null);
    for (const [key, result] of observed.probes)
      if (result === 'unknown' && key.startsWith(nic.interfaceGuid))
        builder.warn(
          `It could not be checked over ${nic.name} whether another machine has ${key.slice(nic.interfaceGuid.length + 1)}; Windows reports it once the address is set.`,
        );
  }
  return builder.build();
};
