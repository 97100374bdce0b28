import { failure } from '../../../shared/errors/failure.ts';
import { messageOf } from '../../system/reason.ts';
import type { ServedTarget, TargetNews } from '../../../shared/contract/target.ts';
import { formatPortal, IscsiError, parseIscsiName } from '../../iscsi/index.ts';
import type { PracticeTarget, PracticeTargetPort, ServeTargetInput } from '../../ports/practice-target-port.ts';
import { Faults, listFaults, parseFault, steps } from '../faults/index.ts';
import { LunStore, nexusKey, uniqueIdOf } from '../store/index.ts';
import type { TargetEvent } from './events.ts';
import { isLoopback, type ListenAddress } from './target-options.ts';
import { EmbeddedTarget } from './target-server.ts';

const defaultName = 'iqn.2026-01.example.quorate:practice';
const leastSecretBytes = 12;

const checkedName = (text: string): string => {
  try {
    return parseIscsiName(text).name;
  } catch (error) {
    const reason = error instanceof IscsiError ? String(error.detail['reason'] ?? error.message) : String(error);
    throw failure('TARGET_NAME_INVALID', { name: text, reason });
  }
};

const checkChap = ({ chap, mutualChap }: ServeTargetInput): void => {
  const unusable = (reason: string) => failure('TARGET_CHAP_UNUSABLE', { reason });
  if (mutualChap && !chap) throw unusable('mutual CHAP needs one-way CHAP as well');
  for (const one of [chap, mutualChap]) {
    const bytes = Buffer.byteLength(one?.secret ?? '');
    if (one && bytes < leastSecretBytes) throw unusable(`the secret of ${one.user} is ${bytes} bytes long`);
  }
  if (chap && mutualChap && chap.secret === mutualChap.secret) throw unusable('both directions have the same secret');
};

const checkFault = (text: string): void => {
  const parsed = parseFault(text);
  if (!parsed.ok) throw failure('TARGET_FAULT_UNKNOWN', { fault: text, problem: parsed.problem });
};

const makeStore = async (input: ServeTargetInput): Promise<LunStore> => {
  const store = new LunStore(new Faults(input.faults));
  try {
    for (const [lun, { sizeBytes, file, blockSizeBytes }] of input.luns.entries()) {
      try {
        await store.add({
          lun,
          ...(sizeBytes === null ? {} : { sizeBytes: BigInt(sizeBytes) }),
          ...(file === null ? {} : { file }),
          ...(blockSizeBytes === undefined ? {} : { blockSizeBytes }),
          ...(input.maxRegistrations === undefined ? {} : { maxRegistrations: input.maxRegistrations }),
        });
      } catch (error) {
        throw failure('TARGET_LUN_UNUSABLE', { lun, reason: messageOf(error) }, { cause: error });
      }
    }
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
};

/** What of the target's own events an operation is told; the port it listens at is in the description. */
const toNews = (event: TargetEvent): TargetNews | null => {
  switch (event.kind) {
    case 'listening':
      return null;
    case 'login': {
      const { kind, session, sessionType, initiatorName, isid, from, reinstated } = event;
      return { kind, session, sessionType, initiatorName, isid, from, reinstated };
    }
    case 'fault':
      return { ...event, steps: [...event.steps] };
    case 'loginRefused':
    case 'sessionEnded':
    case 'protocolError':
      return event;
  }
};

class Served implements PracticeTarget {
  readonly id: string;
  readonly store: LunStore;
  readonly #name: string;
  readonly #target: EmbeddedTarget;
  readonly #files: readonly (string | null)[];
  readonly #onClosed: () => void;

  constructor(
    id: string,
    name: string,
    store: LunStore,
    target: EmbeddedTarget,
    files: readonly (string | null)[],
    onClosed: () => void,
  ) {
    this.id = id;
    this.store = store;
    this.#name = name;
    this.#target = target;
    this.#files = files;
    this.#onClosed = onClosed;
  }

  describe(): ServedTarget {
    return {
      id: this.id,
      name: this.#name,
      portals: this.#target.portals.map(({ host, port, tag }) => ({ host, port, portalGroupTag: tag })),
      luns: this.store.luns.flatMap((lun) => {
        const unit = this.store.get(lun);
        if (!unit) return [];
        const { registrations, reservation } = unit.reservations;
        return [
          {
            lun,
            sizeBytes: unit.sizeBytes.toString(),
            blockSizeBytes: unit.blockSizeBytes,
            serial: unit.identity.serial,
            uniqueId: uniqueIdOf(unit.identity),
            file: this.#files[lun] ?? null,
            registrations: registrations.map((one) => ({ nexus: nexusKey(one.nexus), key: one.key.toString() })),
            reservation: reservation && {
              type: reservation.type,
              holder: reservation.holder && nexusKey(reservation.holder),
            },
          },
        ];
      }),
      sessions: this.#target.sessions.map(({ id, sessionType, initiatorName, isid, from }) => ({
        id,
        sessionType,
        initiatorName,
        isid,
        from,
      })),
      faults: this.store.faults.texts(),
    };
  }

  async close(): Promise<void> {
    this.#onClosed();
    await this.#target.close();
    await this.store.close();
  }
}

/** The embedded targets of one process. */
export class PracticeTargets implements PracticeTargetPort {
  readonly #served = new Map<string, Served>();
  #nextId = 1;

  catalogue() {
    return { faults: listFaults(), steps: steps.map(({ name, what }) => ({ name, what })) };
  }

  list(): ServedTarget[] {
    return [...this.#served.values()].map((one) => one.describe());
  }

  async start(input: ServeTargetInput, onNews: (news: TargetNews) => void): Promise<PracticeTarget> {
    const name = checkedName(input.name ?? defaultName);
    const admit = input.admit.map(checkedName);
    checkChap(input);
    for (const fault of input.faults) checkFault(fault);
    const listen = input.listen.length > 0 ? input.listen : [{ host: '127.0.0.1', port: 3260 }];
    const forbidden = listen.find(({ host }) => !input.lab && !isLoopback(host));
    if (forbidden) throw failure('TARGET_ADDRESS_NOT_LOOPBACK', { address: formatPortal(forbidden) });
    const store = await makeStore(input);
    const target = new EmbeddedTarget({
      listen: listen.map(({ host, port, portalGroupTag }): ListenAddress => ({
        host,
        port,
        portalGroupTag: portalGroupTag ?? 1,
      })),
      allowAnyAddress: input.lab,
      targets: [
        {
          name,
          store,
          ...(admit.length > 0 ? { admit } : {}),
          ...(input.maxSessions === undefined ? {} : { maxSessions: input.maxSessions }),
          ...(input.chap ? { chap: { initiator: input.chap, target: input.mutualChap } } : {}),
        },
      ],
      onEvent: (event) => {
        const news = toNews(event);
        if (news) onNews(news);
      },
    });
    try {
      await target.start();
    } catch (error) {
      await store.close();
      const address = listen.map(formatPortal).join(', ');
      throw failure('TARGET_CANNOT_LISTEN', { address, reason: messageOf(error) }, { cause: error });
    }
    store.watch((change) => {
      if (change.kind !== 'reservations') return;
      const by = change.by && nexusKey(change.by);
      onNews({ kind: 'reservations', lun: change.lun, by, action: change.action, generation: change.state.generation });
    });
    const id = `t${this.#nextId++}`;
    const files = input.luns.map((one) => one.file);
    const served = new Served(id, name, store, target, files, () => this.#served.delete(id));
    this.#served.set(id, served);
    return served;
  }

  changeFaults({ id = null, on = [], off = [] }: { id?: string | null; on?: string[]; off?: string[] }): string[] {
    const only = this.#served.size === 1 ? [...this.#served.values()][0] : undefined;
    const served = id === null ? only : this.#served.get(id);
    if (!served) throw failure('TARGET_NOT_SERVED', { id: id ?? '(none named)' });
    // All are looked at before one is switched: a wrong name changes nothing.
    for (const fault of on) checkFault(fault);
    const { faults } = served.store;
    for (const fault of off) {
      const problem = faults.problemOfRemoving(fault);
      if (problem !== null) throw failure('TARGET_FAULT_UNKNOWN', { fault, problem });
    }
    // One that was named twice, or by its name besides, is off already.
    for (const fault of off) if (faults.problemOfRemoving(fault) === null) faults.removeText(fault);
    for (const fault of on) faults.add(fault);
    return faults.texts();
  }
}
