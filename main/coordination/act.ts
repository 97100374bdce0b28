import {
  isKeptChange,
  isServerChange,
  kindOf,
  partsOf,
  type Change,
  type KeptChange,
} from '../../shared/changes/index.ts';
import type { Area } from '../../shared/changes/kind.ts';
import type { Observed } from '../../shared/plan/observed.ts';
import type { ServerSettings } from '../journal/server-settings.ts';
import type { CallOptions } from '../ports/call.ts';
import { secretsFor, type ExecutedServer, type SecretTexts } from './server.ts';

const keep = (settings: ServerSettings, change: KeptChange): void => {
  switch (change.do) {
    case 'nic.setRole':
      return settings.setRole({ interfaceGuid: change.nic, permanentAddress: change.permanentAddress }, change.role);
    case 'initiator.setPathWanted':
      return settings.setPathWanted(change.path, change.wanted);
  }
};

/** More rounds than any compound change needs; it ends one that never comes to an end. */
const mostRounds = 8;

/** Does what a change says. It neither looks first whether it is done nor reads back. */
export const act = async (
  server: ExecutedServer,
  change: Change,
  observe: (area: Area, fresh: boolean) => Promise<Observed>,
  secrets: SecretTexts,
  options: CallOptions,
): Promise<void> => {
  const kind = kindOf(change);
  const needed = secretsFor(change, secrets);
  const apply = async (one: Change): Promise<void> => {
    if (isKeptChange(one)) keep(server.settings, one);
    else if (isServerChange(one))
      await server.ports.apply(one, { ...options, secrets: needed, resumeCommand: server.resumeCommand });
  };
  if (!kind.parts) return apply(change);
  for (let round = 0; round < mostRounds; round += 1) {
    const observed = (await observe(kind.area, round > 0))[kind.area];
    const parts = partsOf(change, observed);
    for (const part of parts) await apply(part);
    if (kind.script !== null || parts.length === 0) return;
  }
};
