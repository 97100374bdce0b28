import { planHost } from '../../../shared/plan/host/plan-host.ts';
import type { HostObserved } from '../../../shared/plan/observed.ts';
import { readPart, reasons } from '../plans/read-part.ts';
import type { Server } from '../plans/server.ts';
import type { AreaEntry } from './area.ts';

export const observeHost = async ({ ports }: Server, signal?: AbortSignal): Promise<HostObserved> => {
  const options = signal ? { signal } : {};
  const [facts, pendingRestart, time, resumes] = await Promise.all([
    ports.host.readState(options),
    readPart(() => ports.host.readPendingRestart(options)),
    readPart(() => ports.host.readTimeSource(options)),
    readPart(() => ports.host.readResumes(options)),
  ]);
  return {
    facts,
    pendingRestart: pendingRestart.value,
    time: time.value,
    resumes: resumes.value,
    unread: reasons({ pendingRestart, time, resumes }),
  };
};

export const hostArea: AreaEntry<'host'> = {
  observe: observeHost,
  plan: (desire, observed, { answers }) => planHost(desire, observed, answers),
};
