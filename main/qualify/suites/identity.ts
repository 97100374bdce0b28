import {
  formatDesignator,
  formatLun,
  numberFromLun,
  pickIdentity,
  scsi,
  type Designator,
  type ScsiOutcome,
} from '../../iscsi/index.ts';
import type { UnitFact } from '../../../shared/model/qualification.ts';
import type { CaseDefinition } from '../runner/case.ts';
import { isNotReady, pathStateOf } from '../runner/absence.ts';
import { failed, inconclusive, skipped, type NotPassed } from '../runner/not-passed.ts';
import type { Laboratory } from '../runner/laboratory.ts';
import type { Nexus } from '../runner/nexus.ts';
import { describeOutcome } from '../runner/remove-key.ts';
import { describeWrongAnswer, examineUnit } from '../runner/describe-unit.ts';
import { sources } from './sources.ts';
import { together } from '../runner/together.ts';

const mebibyte = 1024n * 1024n;
const witnessMinimumBytes = 512n * mebibyte;

/** One unit and the exact number: what is compared is bytes. */
const sizeInWords = (bytes: bigint): string => `${bytes} bytes (${bytes / mebibyte} MiB)`;

/** What is missing is the device's fault only where each question was answered; what it sent in place of the fact is said. */
const missing = ({ unanswered, wrong }: Laboratory, fact: UnitFact, answer: string): NotPassed =>
  unanswered === null ? failed(wrong.get(fact) ?? answer) : inconclusive(unanswered);

/** A figure that the device did not give when it was described; a device that conflicts or is not there gives none. */
const needDescribed = async (laboratory: Laboratory, fact: UnitFact, answer: string): Promise<NotPassed> => {
  const { refusal } = laboratory;
  if (refusal !== null) await laboratory.heed(refusal, answer);
  return missing(laboratory, fact, answer);
};

const readIdentity = async (laboratory: Laboratory, nexus: Nexus, text: string): Promise<string | null> => {
  const designators = await laboratory.need(nexus, text, (on) => scsi.deviceIdentification(on, laboratory.lun));
  const best = pickIdentity(designators);
  return best ? formatDesignator(best) : null;
};

const otherLuns = async (laboratory: Laboratory): Promise<bigint[]> => {
  // To LUN 0, whatever that is: its answer says nothing about the logical unit of this run.
  const text = 'List the LUNs of the target';
  const list = await laboratory.ask(laboratory.a, text, (on) => scsi.reportLuns(on), undefined, { isRaw: true });
  if (!list.ok) throw inconclusive(`REPORT LUNS was answered with ${describeOutcome(list)}`);
  return list.value.luns.filter((lun) => {
    const number = numberFromLun(lun);
    return number !== undefined && number !== laboratory.settings.lun;
  });
};

/** VPD page 83h of another logical unit of the target; a sentence where what came cannot be read. */
const askIdentityOf = async (laboratory: Laboratory, lun: bigint): Promise<ScsiOutcome<Designator[]> | string> => {
  const text = `Read VPD page 83h of LUN ${formatLun(lun)}`;
  try {
    return await laboratory.ask(laboratory.a, text, (on) => scsi.deviceIdentification(on, lun), undefined, {
      isRaw: true,
    });
  } catch (error) {
    return describeWrongAnswer(error);
  }
};

/** What the device says of itself: nothing here changes anything. */
export const identityCases: readonly CaseDefinition[] = [
  {
    id: 'Identity.Unit.Ready',
    title: 'The device is there and ready',
    required: true,
    needs: 'nothing',
    meaning: 'A disk that is not ready cannot be brought online.',
    askVendor: 'Ask what the device waits for, with the sense data shown.',
    source: sources.spc4('6.47'),
    run: async (laboratory) => {
      await together(
        [laboratory.a, laboratory.b].map(async (nexus) => {
          const text = 'TEST UNIT READY';
          const outcome = await laboratory.ask(
            nexus,
            text,
            (on) => scsi.testUnitReady(on, laboratory.lun),
            ({ ok }) => ok,
            { isRaw: true },
          );
          if (outcome.ok) return;
          if (!isNotReady(outcome)) await laboratory.heed(outcome, text, nexus);
          throw failed(`to initiator ${nexus.label} the device answers ${describeOutcome(outcome)}`);
        }),
      );
    },
  },
  {
    id: 'Identity.Vpd83.Present',
    title: 'The device has a world-wide unique identity (VPD page 83h)',
    required: true,
    needs: 'nothing',
    meaning: 'Validation fails: the nodes cannot tell that they see the same disk.',
    askVendor: 'Ask for an NAA or EUI-64 designator of the logical unit in VPD page 83h.',
    source: sources.spc4('7.8.6'),
    run: async (laboratory, figures) => {
      const { identity } = laboratory.needUnit();
      if (identity === null)
        throw await needDescribed(
          laboratory,
          'identity',
          'VPD page 83h has no NAA, EUI-64, SCSI name or T10 designator of the logical unit',
        );
      figures['identity'] = identity;
    },
  },
  {
    id: 'Identity.Vpd83.Unique',
    title: 'No other LUN of the target has the same identity',
    required: true,
    needs: 'nothing',
    meaning: 'Windows takes two disks for one and may write to the wrong one.',
    askVendor: 'Ask why two logical units report the same designator; a copy may have kept the identity of its origin.',
    source: sources.vpd83,
    run: async (laboratory, figures) => {
      const mine = laboratory.needUnit().identity;
      if (!mine) throw inconclusive('the logical unit has no identity to compare');
      const luns = await otherLuns(laboratory);
      let compared = 0;
      for (const lun of luns) {
        const page = await askIdentityOf(laboratory, lun);
        // What another LUN says wrongly of itself is not this one's fault.
        if (typeof page === 'string') {
          laboratory.note(`LUN ${formatLun(lun)} was not compared`, page);
          continue;
        }
        compared += 1;
        const best = page.ok ? pickIdentity(page.value) : undefined;
        if (best && formatDesignator(best) === mine)
          throw failed(`LUN ${formatLun(lun)} has the same identity, ${mine}`);
      }
      figures['comparedLuns'] = compared;
      laboratory.note(`Compared with ${compared} other ${compared === 1 ? 'LUN' : 'LUNs'}`);
    },
  },
  {
    id: 'Identity.Vpd83.SameOverSessions',
    title: 'Both initiators see the same identity',
    required: true,
    needs: 'nothing',
    meaning: 'The nodes take one disk for two; validation and failover fail.',
    askVendor: 'Ask why the identity depends on the initiator.',
    source: sources.vpd83,
    run: async (laboratory) => {
      const first = laboratory.needUnit().identity;
      const second = await readIdentity(laboratory, laboratory.b, 'Read VPD page 83h as the second initiator');
      const differs = `the first initiator reads ${first ?? 'nothing'}, the second ${second ?? 'nothing'}`;
      if (first === null)
        throw missing(laboratory, 'identity', second === null ? 'neither initiator reads an identity' : differs);
      if (first !== second) throw failed(differs);
    },
  },
  {
    id: 'Identity.Vpd83.SameOverPortals',
    title: 'The identity is the same over every portal',
    required: 'whenRun',
    needs: 'nothing',
    canRun: ({ otherPaths }) => otherPaths.length > 0,
    meaning: 'MPIO takes the paths to one disk for several disks.',
    askVendor: 'Ask why the identity depends on the portal or controller.',
    source: sources.vpd83,
    run: async (laboratory) => {
      if (laboratory.settings.otherPaths.length === 0) throw skipped('one portal was given');
      const here = laboratory.needUnit();
      for (const path of laboratory.settings.otherPaths) {
        const { portal } = path;
        const nexus = await laboratory.initiators.reach('A', path);
        const described = await examineUnit(nexus, laboratory.settings.lun, laboratory.settings.signal);
        const { unit: there, refusal } = described;
        const unanswered = laboratory.unanswered ?? described.unanswered;
        laboratory.note(
          `Read the identity over ${portal}`,
          there?.identity ?? 'no such logical unit',
          there?.identity === here.identity,
        );
        // Over a path in standby a device need not tell its size: what it tells has to be the same.
        const isStandby = refusal !== null && pathStateOf(refusal) !== null;
        if (refusal !== null && there !== null && !isStandby)
          await laboratory.heed(refusal, `Read the identity over ${portal}`, nexus);
        if (unanswered !== null) throw inconclusive(unanswered);
        if (!there) throw failed(`over ${portal} there is no LUN ${laboratory.settings.lun}`);
        if (there.identity !== here.identity)
          throw failed(
            `over ${portal} the identity is ${there.identity ?? 'missing'}, over ${laboratory.a.portal} it is ${here.identity ?? 'missing'}`,
          );
        if (there.sizeBytes !== here.sizeBytes && !(isStandby && there.sizeBytes === null))
          throw failed(
            `over ${portal} the size is ${there.sizeBytes ?? 'unknown'} bytes, not ${here.sizeBytes ?? 'unknown'}`,
          );
      }
    },
  },
  {
    id: 'Identity.Serial.Present',
    title: 'The device has a serial number (VPD page 80h)',
    required: false,
    needs: 'nothing',
    meaning: 'A person cannot prove which disk is meant before data is lost.',
    askVendor: 'Ask for a unit serial number in VPD page 80h.',
    source: sources.spc4('7.8.15'),
    run: async (laboratory, figures) => {
      const { serial } = laboratory.needUnit();
      if (!serial) throw missing(laboratory, 'serial', 'VPD page 80h is missing or empty');
      figures['serial'] = serial;
    },
  },
  {
    id: 'Identity.Size.Purpose',
    title: 'The size fits the purpose',
    required: true,
    needs: 'nothing',
    meaning: 'A disk witness of less than 512 MiB is refused.',
    askVendor: 'Enlarge the logical unit; nothing has to be asked.',
    source: sources.witness,
    run: async (laboratory, figures) => {
      const { sizeBytes } = laboratory.needUnit();
      if (sizeBytes === null) throw await needDescribed(laboratory, 'size', 'READ CAPACITY is not answered');
      figures['sizeBytes'] = sizeBytes;
      if (laboratory.settings.purpose === 'witness' && BigInt(sizeBytes) < witnessMinimumBytes)
        throw failed(
          `the logical unit has ${sizeInWords(BigInt(sizeBytes))}; a witness needs at least ${sizeInWords(witnessMinimumBytes)}`,
        );
      if (BigInt(sizeBytes) === 0n) throw failed('the logical unit has no blocks');
    },
  },
  {
    id: 'Identity.BlockSize.Supported',
    title: 'The block size is one that Windows uses',
    required: true,
    needs: 'nothing',
    meaning: 'Windows does not format the disk.',
    askVendor: 'Ask for 512 or 4096 bytes per block.',
    source: 'learn.microsoft.com/windows/win32/fileio/file-buffering (sector sizes of 512 and 4096 bytes)',
    run: async (laboratory, figures) => {
      const { blockSizeBytes, physicalBlockSizeBytes } = laboratory.needUnit();
      if (blockSizeBytes === null) throw await needDescribed(laboratory, 'size', 'READ CAPACITY is not answered');
      figures['blockSizeBytes'] = blockSizeBytes;
      if (physicalBlockSizeBytes !== null) figures['physicalBlockSizeBytes'] = physicalBlockSizeBytes;
      if (blockSizeBytes !== 512 && blockSizeBytes !== 4096) throw failed(`a block has ${blockSizeBytes} bytes`);
    },
  },
  {
    id: 'Identity.WriteProtect.Off',
    title: 'The device is not write-protected',
    required: true,
    needs: 'nothing',
    meaning: 'The disk can neither be formatted nor be a witness.',
    askVendor: 'Present the logical unit for reading and writing.',
    source: sources.sbc3('6.5.1'),
    run: async (laboratory) => {
      const { isWriteProtected } = laboratory.needUnit();
      if (isWriteProtected === null)
        throw inconclusive(
          `${laboratory.wrong.get('writeProtection') ?? 'MODE SENSE is not answered'}, so the write protection is not known`,
        );
      if (isWriteProtected) throw failed('the mode parameters say that the medium is write-protected');
    },
  },
  {
    id: 'Identity.Provisioning.Reported',
    title: 'Thin or thick provisioning',
    required: false,
    needs: 'nothing',
    meaning: 'A thin disk stops all its virtual machines when the pool behind it is full: watch the pool.',
    askVendor: 'Ask how a pool that runs full is announced.',
    source: sources.sbc3('4.7'),
    run: async (laboratory, figures) => {
      const { isThin } = laboratory.needUnit();
      if (isThin === null)
        throw inconclusive(laboratory.wrong.get('size') ?? 'the device does not answer READ CAPACITY (16)');
      figures['isThin'] = isThin;
    },
  },
  {
    id: 'Identity.Alua.Reported',
    title: 'Asymmetric access (ALUA)',
    required: false,
    needs: 'nothing',
    meaning: 'With asymmetric access MPIO has to be set to use the optimized paths.',
    askVendor: 'Ask which load-balance policy the vendor supports with Microsoft’s DSM.',
    source: sources.spc4('5.15'),
    run: async (laboratory, figures) => {
      const { supportsAlua } = laboratory.needUnit();
      if (supportsAlua === null) throw missing(laboratory, 'inquiry', 'INQUIRY does not tell');
      figures['supportsAlua'] = supportsAlua;
      if (!supportsAlua) return;
      const groups = await laboratory.ask(
        laboratory.a,
        'Report the target port groups',
        (on) => scsi.reportTargetPortGroups(on, laboratory.lun),
        ({ ok }) => ok,
      );
      if (groups.ok) figures['targetPortGroups'] = groups.value.length;
    },
  },
];
