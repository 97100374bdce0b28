import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addSerial, isSerialLess, laterSerial, openWindow, serialDistance } from '../../../main/iscsi/index.ts';
import { SessionNumbers } from '../../../main/iscsi/session/numbers.ts';

const serial = fc.integer({ min: 0, max: 0xffffffff });
const step = fc.integer({ min: 1, max: 0x7fffffff });

test('what is added is later, also over the wrap', () => {
  fc.assert(
    fc.property(serial, step, (a, n) => {
      const b = addSerial(a, n);
      expect(isSerialLess(a, b)).toBe(true);
      expect(isSerialLess(b, a)).toBe(false);
      expect(laterSerial(a, b)).toBe(b);
      expect(laterSerial(b, a)).toBe(b);
      expect(serialDistance(a, b)).toBe(n);
      expect(serialDistance(b, a)).toBe(-n);
    }),
  );
});

test('a number is not before itself, and those 2^31 apart are in no order', () => {
  expect(isSerialLess(5, 5)).toBe(false);
  expect(isSerialLess(0, 0x80000000)).toBe(false);
  expect(isSerialLess(0x80000000, 0)).toBe(false);
});

test.each([
  [10, 9, 0], // MaxCmdSN = CmdSN - 1: closed
  [10, 10, 1],
  [10, 41, 32],
  [0xffffffff, 0, 2], // over the wrap
  [10, 5, 0], // behind: closed, not negative
])('CmdSN %i with MaxCmdSN %i leaves room for %i', (cmdSn, maxCmdSn, room) => {
  expect(openWindow(cmdSn, maxCmdSn)).toBe(room);
});

const header = (expCmdSn: number, maxCmdSn: number): Buffer => {
  const bhs = Buffer.alloc(48);
  bhs.writeUInt32BE(expCmdSn, 28);
  bhs.writeUInt32BE(maxCmdSn, 32);
  return bhs;
};

test('the window follows RFC 7143 section 4.2.2.1', () => {
  const numbers = new SessionNumbers({
    cmdSn: 0xfffffffe,
    expStatSn: 0xffffffff,
    expCmdSn: 0xfffffffe,
    maxCmdSn: 0xffffffff,
  });
  expect([numbers.takeCmdSn(), numbers.takeCmdSn()]).toEqual([0xfffffffe, 0xffffffff]);
  expect(numbers.cmdSn).toBe(0);
  expect(numbers.isWindowOpen).toBe(false);
  numbers.updateWindow(header(5, 3)); // MaxCmdSN before ExpCmdSN - 1: both are ignored
  expect(numbers.isWindowOpen).toBe(false);
  numbers.updateWindow(header(0, 0));
  expect(numbers.isWindowOpen).toBe(true);
  numbers.updateWindow(header(0xffffffff, 0xffffffff)); // late: a window does not shrink
  expect(numbers.isWindowOpen).toBe(true);
});

test('statuses are acknowledged in order and over the wrap', () => {
  const numbers = new SessionNumbers({ cmdSn: 0, expStatSn: 0xffffffff, expCmdSn: 0, maxCmdSn: 0 });
  numbers.acknowledge(0xffffffff);
  expect(numbers.expStatSn).toBe(0);
  numbers.acknowledge(0xfffffffe); // seen before
  expect(numbers.expStatSn).toBe(0);
});
