import { isInPrefix, isSameAddress, type AddressFamily } from '../../model/address.ts';
import { changeKinds, type Change } from '../../changes/index.ts';
import { bindings, type Nic, type NicRole } from '../../model/nic.ts';
import { whyUnread } from '../../model/observed.ts';
import type { NicAction } from '../action.ts';
import type { DraftBuilder, PlannedStep } from '../draft.ts';
import type { NetworkObserved } from '../observed.ts';
import { connectionsOver } from './connections.ts';
import type { NicDesire } from './desire.ts';
import { splitAddress } from './final-state.ts';
import { familyNames } from './refusals.ts';
import { roleNames, settingsOfRole } from './roles.ts';

const families = ['ipv4', 'ipv6'] as const;
const connections = 'Network Connections (ncpa.cpl)';

/** Plans one NIC: holds what the steps of all its settings have in common. */
export class NicPlanner {
  readonly #builder: DraftBuilder;
  readonly #nic: Nic;
  readonly #desire: NicDesire;
  readonly #whys: Readonly<Record<string, string>>;
  readonly #asks: PlannedStep['asks'];
  readonly #name: string;
  readonly #role: NicRole | null;
  /** The server with the NIC's new name: what follows its renaming speaks of it so. */
  readonly #named: NetworkObserved;

  constructor(builder: DraftBuilder, nic: Nic, desire: NicDesire, observed: NetworkObserved) {
    this.#builder = builder;
    this.#nic = nic;
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
    const mayCut = carried === null ? (nic.addresses ?? []).length > 0 || nic.addresses === null : carried.length > 0;
    if (mayCut) {
      this.#asks = [{ kind: 'cutConnection', subject: nic.interfaceGuid }];
      const who =
        carried === null
          ? 'Which connections run over it could not be read.'
          : `It carries ${carried.map((session) => `${session.service} from ${session.remoteAddress}`).join(', ')}.`;
      builder.ask({
        kind: 'cutConnection',
        subject: nic.interfaceGuid,
        text: `Change ${nic.name}? ${who} The change reverts by itself unless it is confirmed in time.`,
        expected: null,
        answered: false,
      });
    } else this.#asks = [];
  }

  #step(input: {
    readonly action: NicAction;
    readonly title: string;
    readonly why: string;
    readonly manual: string;
    readonly undo?: { readonly text: string; readonly actions: readonly NicAction[] };
    readonly cuts?: boolean;
    readonly subject?: readonly (string | number | null)[];
    readonly setting?: string;
  }): void {
    const cuts = (input.cuts ?? false) && this.#asks.length > 0;
    const because = input.setting === undefined ? undefined : this.#whys[input.setting];
    this.#builder.step({
      action: input.action,
      title: input.title,
      why: because === undefined ? input.why : `${input.why} ${because}`,
      manual: input.manual,
      ...(input.undo ? { undo: input.undo } : {}),
      cutsConnection: cuts,
      asks: cuts ? this.#asks : [],
      subject: [this.#nic.interfaceGuid, ...(input.subject ?? [])],
    });
  }

  #change(change: Change, why?: string): void {
    const cuts = changeKinds[change.do].mayCut === true && this.#asks.length > 0;
    this.#builder.change(change, this.#named, { ...(why === undefined ? {} : { why }), asks: cuts ? this.#asks : [] });
  }

  /** Says that a property that decides something was not read; true when it was not. */
  #isUnread(property: string, words: string, value: unknown): boolean {
    if (value !== null) return false;
    this.#builder.unknown(`${words} of ${this.#nic.name}`, whyUnread(this.#nic, property) ?? 'it was not read');
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
    this.#planDnsRegistration();
    this.#planNetbios();
    this.#planSharing();
    this.#planJumbo();
    this.#planPower();
    if (this.#desire.enabled === false) this.#planEnabled();
  }

  #planRole(current: string | null): void {
    const { role } = this.#desire;
    if (role === undefined || role === current) return;
    const nic = this.#nic.interfaceGuid;
    const { permanentAddress } = this.#nic;
    this.#step({
      action: { do: 'nic.setRole', nic, permanentAddress, role },
      title: `Remember ${this.#name} as ${roleNames[role]}`,
      why: `It has ${current === null ? 'no role' : `the role ${roleNames[current as keyof typeof roleNames]}`} yet. Quorate keys the role on ${permanentAddress ?? nic}, because names change.`,
      manual: 'Quorate keeps this itself; nothing of Windows is changed.',
      undo: {
        text: 'Forgets it again.',
        actions: [{ do: 'nic.setRole', nic, permanentAddress, role: current as typeof role | null }],
      },
    });
  }

  #planName(): void {
    const { name } = this.#desire;
    if (name === undefined || name === this.#nic.name) return;
    const nic = this.#nic.interfaceGuid;
    this.#step({
      action: { do: 'nic.rename', nic, newName: name },
      title: `Rename ${this.#nic.name} to ${name}`,
      why: `It is called ${this.#nic.name}. The same names on all servers make the cluster readable.`,
      manual: `${connections}: Rename.`,
      undo: { text: `Renames it back.`, actions: [{ do: 'nic.rename', nic, newName: this.#nic.name }] },
      subject: [name],
    });
  }

  #planEnabled(): void {
    const enabled = this.#desire.enabled!;
    if ((this.#nic.adminStatus === 'up') === enabled) return;
    if (this.#nic.adminStatus === 'unknown') {
      this.#builder.unknown(`whether ${this.#nic.name} is enabled`, 'Windows reports its status as unknown');
      return;
    }
    const nic = this.#nic.interfaceGuid;
    this.#step({
      action: { do: 'nic.setEnabled', nic, enabled },
      title: `${enabled ? 'Enable' : 'Disable'} ${this.#name}`,
      why: `It is ${enabled ? 'disabled' : 'enabled'}.`,
      manual: `${connections}: ${enabled ? 'Enable' : 'Disable'}.`,
      undo: {
        text: enabled ? 'Disables it again.' : 'Enables it again.',
        actions: [{ do: 'nic.setEnabled', nic, enabled: !enabled }],
      },
      cuts: !enabled,
      subject: [String(enabled)],
    });
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
    this.#step({
      action: { do: 'nic.setDhcp', nic, family, enabled: wanted },
      title: `Switch DHCP for ${familyNames[family]} ${wanted ? 'on' : 'off'} on ${this.#name}`,
      why: wanted ? 'It is off.' : 'It is on; a static address takes its place.',
      manual: `${connections}: Properties, Internet Protocol, ${wanted ? 'Obtain an IP address automatically' : 'Use the following IP address'}.`,
      undo: {
        text: `Switches it ${wanted ? 'off' : 'on'} again.`,
        actions: [{ do: 'nic.setDhcp', nic, family, enabled: !wanted }],
      },
      cuts: true,
      subject: [family],
    });
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
    const isThere = (address: string, prefixLength: number): boolean =>
      current.some((entry) => isSameAddress(entry.address, address) && entry.prefixLength === prefixLength);
    const remove = (address: string, why?: string): void =>
      this.#change({ do: 'nic.removeAddress', nic, address }, why);
    const resized = current.filter(
      (entry) =>
        !isKept(entry.address, entry.prefixLength) && goal.some((one) => isSameAddress(one.address, entry.address)),
    );
    for (const entry of resized)
      remove(entry.address, `Its prefix length is ${entry.prefixLength}; another one is wanted.`);
    for (const { address, prefixLength } of goal)
      if (!isThere(address, prefixLength)) this.#change({ do: 'nic.addAddress', nic, address, prefixLength });
    // What is added comes first, so that the NIC keeps an address at any moment.
    for (const entry of current)
      if (!isKept(entry.address, entry.prefixLength) && !resized.includes(entry)) remove(entry.address);
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
    this.#step({
      action: { do: 'nic.setGateway', nic, family, nextHop: wanted },
      title:
        wanted === null
          ? `Remove the ${familyNames[family]} gateway of ${this.#name}`
          : `Set the ${familyNames[family]} gateway of ${this.#name} to ${wanted}`,
      why: endsLease
        ? `${first ? `The gateway ${first.nextHop}` : 'The gateway'} that DHCP supplies goes with the lease.`
        : first
          ? `The gateway is ${current.map((gateway) => gateway.nextHop).join(', ')}.`
          : 'There is no gateway yet.',
      manual: `${connections}: Properties, Internet Protocol, Default gateway.`,
      ...(endsLease
        ? {
            undo: {
              text: 'Removes it again; DHCP supplies its own.',
              actions: [{ do: 'nic.setGateway', nic, family, nextHop: null } satisfies NicAction],
            },
          }
        : current.length <= 1
          ? {
              undo: {
                text: first ? `Goes back to ${first.nextHop}.` : 'Removes it again.',
                actions: [{ do: 'nic.setGateway', nic, family, nextHop: first?.nextHop ?? null } satisfies NicAction],
              },
            }
          : {}),
      cuts: true,
      subject: [family],
      setting: 'gateway',
    });
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
    this.#step({
      action: { do: 'nic.setDnsServers', nic, family, servers: wanted },
      title:
        wanted.length === 0
          ? `Remove the ${familyNames[family]} DNS servers of ${this.#name}`
          : `Set the ${familyNames[family]} DNS servers of ${this.#name} to ${wanted.join(', ')}`,
      why:
        current.length === 0
          ? 'It has none.'
          : endsLease
            ? `They are ${current.join(', ')}; those that DHCP supplies go with the lease.`
            : `They are ${current.join(', ')}.`,
      manual: `${connections}: Properties, Internet Protocol, DNS server addresses.`,
      undo: {
        text: endsLease
          ? 'Goes back to what DHCP supplies.'
          : current.length === 0
            ? 'Removes them again.'
            : `Goes back to ${current.join(', ')}.`,
        actions: [{ do: 'nic.setDnsServers', nic, family, servers: endsLease ? [] : current }],
      },
      subject: [family],
      setting: 'dnsServers',
    });
  }

  #planDnsRegistration(): void {
    const wanted = this.#desire.registersInDns;
    if (wanted === undefined) return;
    if (this.#isUnread('registersInDns', 'the DNS registration', this.#nic.registersInDns)) return;
    if (this.#nic.registersInDns === wanted) return;
    const nic = this.#nic.interfaceGuid;
    this.#step({
      action: { do: 'nic.setDnsRegistration', nic, registers: wanted },
      title: `Switch the DNS registration of ${this.#name} ${wanted ? 'on' : 'off'}`,
      why: `It is ${wanted ? 'off' : 'on'}.`,
      manual: `${connections}: Properties, Internet Protocol, Advanced, DNS, Register this connection's addresses in DNS.`,
      undo: {
        text: `Switches it ${wanted ? 'off' : 'on'} again.`,
        actions: [{ do: 'nic.setDnsRegistration', nic, registers: !wanted }],
      },
      setting: 'registersInDns',
    });
  }

  #planNetbios(): void {
    const wanted = this.#desire.netbios;
    if (wanted === undefined) return;
    if (this.#isUnread('netbios', 'the NetBIOS setting', this.#nic.netbios)) return;
    const current = this.#nic.netbios!;
    if (current === wanted) return;
    const nic = this.#nic.interfaceGuid;
    this.#step({
      action: { do: 'nic.setNetbios', nic, setting: wanted },
      title: `Set NetBIOS over TCP/IP of ${this.#name} to ${wanted}`,
      why: `It is ${current}.`,
      manual: `${connections}: Properties, Internet Protocol Version 4, Advanced, WINS.`,
      undo: { text: `Goes back to ${current}.`, actions: [{ do: 'nic.setNetbios', nic, setting: current }] },
      setting: 'netbios',
    });
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
    this.#step({
      action: { do: 'nic.setBinding', nic, componentId, enabled: wanted },
      title: `${wanted ? 'Bind' : 'Unbind'} File and Printer Sharing ${wanted ? 'to' : 'from'} ${this.#name}`,
      why: `It is ${wanted ? 'not bound' : 'bound'}.`,
      manual: `${connections}: Properties, File and Printer Sharing for Microsoft Networks.`,
      undo: {
        text: `${wanted ? 'Unbinds' : 'Binds'} it again.`,
        actions: [{ do: 'nic.setBinding', nic, componentId, enabled: !wanted }],
      },
      subject: [componentId],
      setting: 'fileAndPrinterSharing',
    });
  }

  #planJumbo(): void {
    const wanted = this.#desire.jumboPacketBytes;
    const current = this.#nic.jumboPacket;
    if (wanted === undefined || !current || current.valueBytes === wanted) return;
    const nic = this.#nic.interfaceGuid;
    this.#builder.warn(
      `Jumbo frames work only if ${this.#name}, every switch and the other side agree. Prove it with an echo that may not be fragmented.`,
    );
    this.#step({
      action: { do: 'nic.setJumboPacket', nic, valueBytes: wanted },
      title: `Set the jumbo packet of ${this.#name} to ${wanted} bytes`,
      why: `It is ${current.valueBytes} bytes. The adapter restarts, which interrupts it for a moment.`,
      manual: 'Device Manager: the adapter, Advanced, Jumbo Packet.',
      undo: {
        text: `Goes back to ${current.valueBytes} bytes.`,
        actions: [{ do: 'nic.setJumboPacket', nic, valueBytes: current.valueBytes }],
      },
      cuts: true,
    });
  }

  #planPower(): void {
    const wanted = this.#desire.powerSaving;
    if (wanted === undefined) return;
    if (this.#isUnread('powerSaving', 'the power saving', this.#nic.powerSaving)) return;
    const current = this.#nic.powerSaving!;
    if (current === 'unsupported') {
      // A role never insists on what a device can not do; a person who asks for it by name is told.
      if (wanted) this.#builder.refuse('NIC_POWER_UNSUPPORTED', { nic: this.#nic.name });
      return;
    }
    if ((current === 'allowed') === wanted) return;
    const nic = this.#nic.interfaceGuid;
    this.#step({
      action: { do: 'nic.setPowerSaving', nic, allowed: wanted },
      title: `${wanted ? 'Let' : 'Do not let'} Windows switch ${this.#name} off to save power`,
      why: `It ${wanted ? 'may not' : 'may'} now.`,
      manual: 'Device Manager: the adapter, Power Management.',
      undo: {
        text: `${wanted ? 'Forbids' : 'Allows'} it again.`,
        actions: [{ do: 'nic.setPowerSaving', nic, allowed: !wanted }],
      },
      setting: 'powerSaving',
    });
  }
}
