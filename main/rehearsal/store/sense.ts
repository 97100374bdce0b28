/** Sense keys that this device server reports (SPC-4, "Sense key descriptions"). */
export const senseKeys = {
  noSense: 0x0,
  notReady: 0x2,
  mediumError: 0x3,
  hardwareError: 0x4,
  illegalRequest: 0x5,
  unitAttention: 0x6,
  dataProtect: 0x7,
  abortedCommand: 0xb,
  miscompare: 0xe,
} as const;

export interface Sense {
  readonly key: number;
  /** Additional sense code. */
  readonly asc: number;
  /** Additional sense code qualifier. */
  readonly ascq: number;
  /** The standard's own words for the pair (SPC-4 annex F). */
  readonly text: string;
}

const sense = (key: number, asc: number, ascq: number, text: string): Sense => ({ key, asc, ascq, text });
const { illegalRequest, unitAttention } = senseKeys;

/** Every sense that the device server gives out, by a name of ours. */
export const senses = {
  none: sense(senseKeys.noSense, 0x00, 0x00, 'NO ADDITIONAL SENSE INFORMATION'),
  invalidOperationCode: sense(illegalRequest, 0x20, 0x00, 'INVALID COMMAND OPERATION CODE'),
  lbaOutOfRange: sense(illegalRequest, 0x21, 0x00, 'LOGICAL BLOCK ADDRESS OUT OF RANGE'),
  invalidFieldInCdb: sense(illegalRequest, 0x24, 0x00, 'INVALID FIELD IN CDB'),
  logicalUnitNotSupported: sense(illegalRequest, 0x25, 0x00, 'LOGICAL UNIT NOT SUPPORTED'),
  invalidFieldInParameterList: sense(illegalRequest, 0x26, 0x00, 'INVALID FIELD IN PARAMETER LIST'),
  invalidRelease: sense(illegalRequest, 0x26, 0x04, 'INVALID RELEASE OF PERSISTENT RESERVATION'),
  savingNotSupported: sense(illegalRequest, 0x39, 0x00, 'SAVING PARAMETERS NOT SUPPORTED'),
  parameterListLengthError: sense(illegalRequest, 0x1a, 0x00, 'PARAMETER LIST LENGTH ERROR'),
  insufficientRegistrationResources: sense(illegalRequest, 0x55, 0x04, 'INSUFFICIENT REGISTRATION RESOURCES'),
  writeProtected: sense(senseKeys.dataProtect, 0x27, 0x00, 'WRITE PROTECTED'),
  spaceAllocationFailed: sense(senseKeys.dataProtect, 0x27, 0x07, 'SPACE ALLOCATION FAILED WRITE PROTECT'),
  unrecoveredReadError: sense(senseKeys.mediumError, 0x11, 0x00, 'UNRECOVERED READ ERROR'),
  writeError: sense(senseKeys.mediumError, 0x0c, 0x00, 'WRITE ERROR'),
  miscompare: sense(senseKeys.miscompare, 0x1d, 0x00, 'MISCOMPARE DURING VERIFY OPERATION'),
  notReadyBecomingReady: sense(senseKeys.notReady, 0x04, 0x01, 'LOGICAL UNIT IS IN PROCESS OF BECOMING READY'),
  communicationFailure: sense(senseKeys.notReady, 0x08, 0x00, 'LOGICAL UNIT COMMUNICATION FAILURE'),
  standby: sense(senseKeys.notReady, 0x04, 0x0b, 'LOGICAL UNIT NOT ACCESSIBLE, TARGET PORT IN STANDBY STATE'),
  notEnoughUnsolicitedData: sense(senseKeys.abortedCommand, 0x0c, 0x0d, 'WRITE ERROR - NOT ENOUGH UNSOLICITED DATA'),
  unexpectedUnsolicitedData: sense(senseKeys.abortedCommand, 0x0c, 0x0c, 'WRITE ERROR - UNEXPECTED UNSOLICITED DATA'),
  internalTargetFailure: sense(senseKeys.hardwareError, 0x44, 0x00, 'INTERNAL TARGET FAILURE'),
  powerOn: sense(unitAttention, 0x29, 0x00, 'POWER ON, RESET, OR BUS DEVICE RESET OCCURRED'),
  busDeviceReset: sense(unitAttention, 0x29, 0x03, 'BUS DEVICE RESET FUNCTION OCCURRED'),
  nexusLoss: sense(unitAttention, 0x29, 0x07, 'I_T NEXUS LOSS OCCURRED'),
  reservationsPreempted: sense(unitAttention, 0x2a, 0x03, 'RESERVATIONS PREEMPTED'),
  reservationsReleased: sense(unitAttention, 0x2a, 0x04, 'RESERVATIONS RELEASED'),
  registrationsPreempted: sense(unitAttention, 0x2a, 0x05, 'REGISTRATIONS PREEMPTED'),
  capacityChanged: sense(unitAttention, 0x2a, 0x09, 'CAPACITY DATA HAS CHANGED'),
  modeParametersChanged: sense(unitAttention, 0x2a, 0x01, 'MODE PARAMETERS CHANGED'),
  commandsCleared: sense(unitAttention, 0x2f, 0x00, 'COMMANDS CLEARED BY ANOTHER INITIATOR'),
  reportedLunsChanged: sense(unitAttention, 0x3f, 0x0e, 'REPORTED LUNS DATA HAS CHANGED'),
  inquiryDataChanged: sense(unitAttention, 0x3f, 0x03, 'INQUIRY DATA HAS CHANGED'),
} as const;

export type SenseName = keyof typeof senses;

const fixedFormatLength = 18;

/** Fixed-format sense data, current information (SPC-4 clause 4.5.3). */
export const encodeFixedSense = (value: Sense): Buffer => {
  const bytes = Buffer.alloc(fixedFormatLength);
  bytes.writeUInt8(0x70, 0); // RESPONSE CODE 70h: current, fixed
  bytes.writeUInt8(value.key, 2);
  bytes.writeUInt8(fixedFormatLength - 8, 7); // ADDITIONAL SENSE LENGTH
  bytes.writeUInt8(value.asc, 12);
  bytes.writeUInt8(value.ascq, 13);
  return bytes;
};

/** Descriptor-format sense data without descriptors (SPC-4 clause 4.5.2), for REQUEST SENSE with DESC set. */
export const encodeDescriptorSense = (value: Sense): Buffer =>
  Buffer.from([0x72, value.key, value.asc, value.ascq, 0, 0, 0, 0]);
