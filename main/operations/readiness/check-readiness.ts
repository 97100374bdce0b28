import type { FactsSource } from '../../../shared/contract/readiness.ts';
import type { HostFacts } from '../../../shared/model/facts.ts';
import { reportSchemaName } from '../../../shared/model/readiness-checks.ts';
import type { ReadinessReport } from '../../../shared/model/readiness-report.ts';
import type { WindowsServer } from '../../../shared/model/windows-server.ts';
import { judgeReadiness } from '../../../shared/rules/judge.ts';
import type { FactsPort, GatherOptions } from '../../ports/facts-port.ts';
import type { FilePort } from '../../ports/file-port.ts';
import { digestOf } from '../reports/digest.ts';

export interface ReadinessPorts {
  /** Of the server that is meant. */
  readonly facts: FactsPort;
  /**
   * A captured tree of a Linux machine, whatever this one is; nothing of the live machine is read.
   * @throws Failure SYSROOT_*
   */
  readonly readSysroot: (dir: string) => Promise<HostFacts>;
  readonly files: FilePort;
  readonly version: string;
  readonly now: () => Date;
}

/** Judges facts and puts the report's frame around the judgement. */
export const makeReport = (
  facts: HostFacts,
  chosen: WindowsServer | undefined,
  { version, now }: Pick<ReadinessPorts, 'version' | 'now'>,
): ReadinessReport => {
  const content = {
    schema: reportSchemaName,
    tool: { name: 'quorate' as const, version },
    at: now().toISOString(),
    ...judgeReadiness(facts, chosen),
  };
  return { ...content, digest: digestOf(content) };
};

const gather = async (source: FactsSource, ports: ReadinessPorts, options: GatherOptions): Promise<HostFacts> => {
  switch (source.kind) {
    case 'live':
      return ports.facts.gather(options);
    case 'sysroot':
      return ports.readSysroot(source.dir);
    case 'facts': {
      const { importFacts } = await import('./import-facts.ts');
      return importFacts(source.files, ports);
    }
  }
};

export interface ReadinessInput {
  readonly for?: WindowsServer | undefined;
  readonly source: FactsSource;
}

/** Gathers the facts of a machine from where the caller says, and judges them. Nothing is changed. */
export const checkReadiness = async (
  input: ReadinessInput,
  ports: ReadinessPorts,
  options: GatherOptions = {},
): Promise<ReadinessReport> => makeReport(await gather(input.source, ports, options), input.for, ports);
