import type { Progress } from '../../../shared/contract/define.ts';
import type { Input, MethodName, Output } from '../../../shared/contract/index.ts';
import { failure } from '../../../shared/errors/failure.ts';
import type { ClusterFile } from '../../../shared/model/cluster-file.ts';
import { secretNames } from '../../../shared/plan/formation/wants.ts';
import { portalText } from '../../../shared/plan/initiator/paths.ts';
import type { Check } from './checks.ts';
import type { ProofStore } from './proof-store.ts';

/** Calls a method of this very core. */
export type AskCore = <Name extends MethodName>(
  method: Name,
  input: Input<Name>,
  signal: AbortSignal,
  onProgress?: (progress: Progress) => void,
) => Promise<Output<Name>>;

/** Where a portal is reached: itself, or what stands for it in a rehearsal. */
export type ReachPortal = (address: string, port: number) => { readonly portal: string; readonly sourceIp?: string };

/** A portal as the cluster file has it, from whichever adapter is in its network. */
export const directly: ReachPortal = (address, port) => ({ portal: portalText(address, port) });

export interface QualifyTools {
  readonly ask: AskCore;
  readonly proofs: ProofStore;
  readonly reach: ReachPortal;
  /** The name of this server's own initiator; null where Windows did not tell it. */
  readonly iqn: (signal: AbortSignal) => Promise<string | null>;
  /** What came with this step: the CHAP secret of the target, where it asks for one. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly now: () => Date;
}

const portalsOf = (file: ClusterFile, reach: ReachPortal) =>
  file.storage.portals.map(({ address, port }) => reach(address, port));

/** Qualifies one LUN of the file over all its portals, and keeps the proof. Nothing is written to the disk. */
export const qualifyLun =
  ({ ask, proofs, reach, iqn, secrets, now }: QualifyTools): Check =>
  async (serial, file, signal) => {
    const portals = portalsOf(file, reach);
    const [first, ...otherPortals] = portals;
    const initiator = await iqn(signal);
    const { target, chapUser } = file.storage;
    const secret = secrets[secretNames.chap];
    if (chapUser !== null && secret === undefined) throw failure('PLAN_SECRET_MISSING', { name: secretNames.chap });
    const access = {
      ...first!,
      ...(initiator === null ? {} : { initiator }),
      ...(chapUser === null || secret === undefined ? {} : { chap: { user: chapUser, secret } }),
    };
    const seen = await ask('iscsi.inspect', { ...access, target }, signal);
    const lun = seen.luns.find((one) => one.serial?.trim().toLowerCase() === serial.trim().toLowerCase());
    if (!lun) throw failure('FORM_LUN_NOT_PRESENTED', { target, serial });
    const wanted = file.storage.luns.find((one) => one.serial === serial);
    const nodes = file.servers.length;
    // A run that was killed left its keys: they are this server's own and noted, and would be in the way. What stays is told by the report.
    await ask('iscsi.clearMine', { chap: access.chap, unit: { target, lun: lun.lun, over: portals } }, signal);
    const report = await ask(
      'iscsi.qualify',
      {
        ...access,
        otherPortals,
        target,
        lun: lun.lun,
        purpose: wanted?.purpose === 'witness' ? 'witness' : 'vm',
        nodes,
        paths: file.storage.portals.length,
        allowReservations: true,
      },
      signal,
    );
    if (report.verdict !== 'qualified') throw failure('FORM_NOT_QUALIFIED', { serial, sentence: report.sentence });
    proofs.add((kept) => ({
      ...kept,
      qualified: [
        ...kept.qualified.filter((one) => one.serial !== serial),
        { serial, nodes, at: now().toISOString(), verdict: report.verdict },
      ],
    }));
    return report.sentence;
  };
