/** Where a key of ours is registered: enough to come back as the same I_T nexus and remove exactly it. */
export interface KeyNote {
  readonly portal: string;
  /** The address of the NIC that was used; left out where the system chose. */
  readonly sourceIp?: string | undefined;
  readonly target: string;
  readonly lun: number;
  readonly initiator: string;
  readonly isid: string;
  readonly key: string;
  readonly since: string;
}

/** What tells one registration from every other. */
export type NotedRegistration = Pick<KeyNote, 'target' | 'lun' | 'initiator' | 'isid' | 'key'>;

/**
 * The durable record of keys that this run registers: written before the first registration, removed after the last one is
 * gone. A run that is killed leaves its notes, and the next one can remove exactly these keys.
 */
export interface KeyNotes {
  add(...notes: readonly KeyNote[]): Promise<void>;
  remove(...registrations: readonly NotedRegistration[]): Promise<void>;
  list(): Promise<KeyNote[]>;
}

export const isSameNote = (left: NotedRegistration, right: NotedRegistration): boolean =>
  left.target === right.target &&
  left.lun === right.lun &&
  left.initiator === right.initiator &&
  left.isid === right.isid &&
  left.key === right.key;
