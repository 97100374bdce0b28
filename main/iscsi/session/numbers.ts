import type { LoginResult } from '../login/initiator-login.ts';
import { addSerial, isSerialLess, laterSerial, openWindow } from '../pdu/serial.ts';
import { get32 } from '../wire/words.ts';

/** The session's sequence numbers as the initiator keeps them: RFC 7143 sections 4.2.2.1 and 4.2.2.2. */
export class SessionNumbers {
  /** Of the next command. */
  cmdSn: number;
  /** Of the next status that is awaited; acknowledges all before it. */
  expStatSn: number;
  #expCmdSn: number;
  #maxCmdSn: number;

  constructor(login: Pick<LoginResult, 'cmdSn' | 'expStatSn' | 'expCmdSn' | 'maxCmdSn'>) {
    this.cmdSn = login.cmdSn;
    this.expStatSn = login.expStatSn;
    this.#expCmdSn = login.expCmdSn;
    this.#maxCmdSn = login.maxCmdSn;
  }

  /** May another command be sent? */
  get isWindowOpen(): boolean {
    return openWindow(this.cmdSn, this.#maxCmdSn) > 0;
  }

  /** The CmdSN for a command that is sent now; immediate PDUs use `cmdSn` and do not take one. */
  takeCmdSn(): number {
    const { cmdSn } = this;
    this.cmdSn = addSerial(cmdSn, 1);
    return cmdSn;
  }

  /** Takes ExpCmdSN and MaxCmdSN from the header of any PDU of the target. */
  updateWindow(bhs: Buffer): void {
    const expCmdSn = get32(bhs, 28);
    const maxCmdSn = get32(bhs, 32);
    // 4.2.2.1: a MaxCmdSN before ExpCmdSN - 1 makes both invalid; smaller values than those known are late.
    if (isSerialLess(maxCmdSn, (expCmdSn - 1) >>> 0)) return;
    this.#expCmdSn = laterSerial(this.#expCmdSn, expCmdSn);
    this.#maxCmdSn = laterSerial(this.#maxCmdSn, maxCmdSn);
  }

  /** A PDU with a status has arrived. */
  acknowledge(statSn: number): void {
    const next = (statSn + 1) >>> 0;
    if (isSerialLess(this.expStatSn, next)) this.expStatSn = next;
  }
}
