import type * as z from 'zod';
import type { FailureCode } from '../messages/index.ts';
import type { AddressFamily } from '../model/address.ts';
import type { NicRole } from '../model/nic.ts';
import type { IscsiPath } from '../model/windows-iscsi.ts';
import type { NetworkObserved, Observed } from '../plan/observed.ts';
import type { Done, PlannedRefusal } from './done.ts';

/** The parts of a server that changes are judged by. */
export const areas = ['host', 'network', 'initiator', 'storage', 'roles', 'cluster', 'vms', 'storageHost'] as const;
export type Area = (typeof areas)[number];
export type ObservedOf<A extends Area> = NonNullable<Observed[A]>;

/** A change as a person reads it. */
export interface Words {
  /** What will be done to what, as a sentence. */
  readonly title: string;
  /** What was found and why that is not enough. */
  readonly why: string;
  /** How a person does it in the tools of Windows. */
  readonly manual: string;
}

/** A change that one kind names of another: `undoOf` and `partsOf` hold it to that kind's schema. */
export interface NamedChange {
  readonly do: string;
  readonly [field: string]: unknown;
}

/** What takes a change back: the changes in order, and the same as a sentence. */
export interface Undo {
  readonly text: string;
  readonly changes: readonly NamedChange[];
}

/** What is found where something would be destroyed: the disk, and what is on it. */
export interface Objection {
  readonly disk: string;
  readonly content: string;
}

/** What a person types before something is lost: `subject`, after they have read `text`. */
export interface Confirmation {
  readonly subject: string;
  readonly text: string;
}

/** What of an adapter the server puts back by itself where a change that cut a connection is not confirmed. */
export interface PutBack {
  /** InterfaceGuid. */
  readonly nic: string;
  /** Whose addresses, gateway, DNS servers and DHCP go back; that the adapter is on goes back in any case. */
  readonly families: readonly AddressFamily[];
  /** True where the change ends a lease of those families. */
  readonly endsLease?: boolean;
  /** The virtual switch whose NIC of the host gets them, where there is one by then; only the families go back. */
  readonly switchName?: string;
}

/** What Quorate itself keeps of a server, because Windows has no place for it. */
export interface KeptSettings {
  setRole(
    nic: { readonly interfaceGuid: string; readonly permanentAddress: string | null },
    role: NicRole | null,
  ): void;
  setPathWanted(path: IscsiPath, isWanted: boolean): void;
}

/** A command that must not hold a secret, because the task scheduler shows it. */
export interface ResumeCommand {
  readonly program: string;
  readonly arguments: readonly string[];
  /** The arguments as one text, for a program that does not take them apart as others do (cmd.exe); else they are quoted. */
  readonly line?: string;
  /** A path in it that would not arrive as it is written. */
  readonly unusable?: string;
}

/** What is not in a change because it must not be kept. */
export interface Given<Secret> {
  readonly secret: (name: string) => Secret;
  /** The program that goes on after a restart, with its arguments. */
  readonly resumeCommand: ResumeCommand;
}

/**
 * Everything about one kind of change, but what the two hosts do: the script of Windows has the name given here, the effect
 * on a simulated server is in `main/rehearsal/world/changes`. A change never holds a secret: secrets are named, because plans
 * and the journal keep changes.
 */
export interface ChangeKind<Schema extends z.ZodObject<{ do: z.ZodLiteral<string> }>, A extends Area = Area> {
  /** The change as data. Its `do` is the kind's name: `area.verbNoun`. */
  readonly schema: Schema;
  /** The part of a server that shows whether it is done. */
  readonly area: A;
  /** The script in `main/powershell/scripts`, without `.ps1`; null for what changes nothing of Windows. */
  readonly script: string | null;
  /** Milliseconds that the script may take. Default 60,000. */
  readonly timeoutMs?: number;
  /** The parameters of the script by name; left out where they are the change's own fields. */
  readonly parameters?: <Secret>(change: z.output<Schema>, given: Given<Secret>) => Readonly<Record<string, unknown>>;
  /** What tells a step of this kind from others in one plan: a NIC, a disk, an address. */
  readonly subject: (change: z.output<Schema>) => readonly (string | number | null)[];
  /** `observed` is the server just before the change, as the plan sees it. */
  readonly words: (change: z.output<Schema>, observed: ObservedOf<A>) => Words;
  readonly done: (change: z.output<Schema>, observed: ObservedOf<A>) => Done;
  /** Null where nothing takes it back. */
  readonly undo: (change: z.output<Schema>, observed: ObservedOf<A>) => Undo | null;
  /**
   * Why its effect stays where nothing takes it back; null: it leaves nothing that could stay. Left out: `undo` answers, and where it
   * cannot, what was there before was not read.
   */
  readonly stays?: string | null;
  /** Names of shared things that no other step of any server may change meanwhile, such as `disk:ID` or `restart`. */
  readonly locks?: (change: z.output<Schema>) => readonly string[];
  /** Names of the secrets that it needs. */
  readonly secrets?: (change: z.output<Schema>) => readonly string[];
  /** True where data can be lost. */
  readonly isDestructive?: boolean;
  /** True where a connection over the changed NIC could be cut. */
  readonly cuts?: (change: z.output<Schema>) => boolean;
  /** What of the network goes back by itself where it cut a connection and nobody confirms it; left out or null: nothing. */
  readonly putsBack?: (change: z.output<Schema>, network: NetworkObserved) => PutBack | null;
  /** Keeps it in what Quorate knows of the server; for a kind that changes nothing of Windows. */
  readonly keep?: (change: z.output<Schema>, kept: KeptSettings) => void;
  /** Failures of its script that say: Windows did it and warns of it, so that finding it done proves nothing. */
  readonly warnings?: readonly FailureCode[];
  /** Whether a change that failed left nothing behind, as the server reads afterwards; left out: what the failure itself says. */
  readonly leavesNothing?: (change: z.output<Schema>, observed: ObservedOf<A>) => boolean;
  /** The failure of a change that was accepted and does not show, with what was found; left out: PLAN_NOT_VERIFIED. */
  readonly notShown?: (change: z.output<Schema>, found: string) => PlannedRefusal;
  /**
   * What it comes to on the server as it is found just before it runs; left out: the change itself. A kind without a script
   * is asked again after its parts were done, until nothing is left.
   */
  readonly parts?: (change: z.output<Schema>, observed: ObservedOf<A>) => readonly NamedChange[];
  /** The last look at what it would destroy, whatever was planned; null where nothing speaks against it. */
  readonly objection?: (change: z.output<Schema>, observed: ObservedOf<A>) => Objection | null;
  /** What of the server as it is found keeps it from being planned; null or left out: nothing. */
  readonly refusal?: (change: z.output<Schema>, observed: ObservedOf<A>) => PlannedRefusal | null;
  /** What is lost that no undo brings back, and has to be typed; left out: nothing. */
  readonly confirmation?: (change: z.output<Schema>, observed: ObservedOf<A>) => Confirmation;
  /** For `restart: 'after'`: false while the restart is still due. Left out: it is due whenever the change was made. */
  readonly isInForce?: (observed: ObservedOf<A>) => boolean;
  /** `after`: it is in force only after a restart. `now`: it is the restart. */
  readonly restart?: 'after' | 'now' | ((change: z.output<Schema>) => 'after' | 'none');
}
