import { describe, expect, it } from 'vitest';
import { Faults, listFaults, parseFault, steps } from '../../../main/rehearsal/faults/index.ts';
import { faultTable } from '../../../main/rehearsal/faults/faults.ts';

describe('the table of faults', () => {
  it('describes each in one sentence, and the form says what has to be given', () => {
    for (const one of listFaults()) {
      expect(one.what, one.name).toMatch(/^[A-Z].*\.$/);
      expect(one.form.startsWith(one.name)).toBe(true);
      const parsed = parseFault(one.name);
      expect(parsed.ok, one.form).toBe(!one.form.includes(':') || one.form.includes('[:'));
    }
    expect(new Set(steps.map((step) => step.name)).size).toBe(steps.length);
  });

  it.each([
    ['nonsense', 'there is no fault called nonsense'],
    ['toString', 'there is no fault called toString'],
    ['vpd83-missing:1', 'vpd83-missing takes no argument'],
    ['cut', 'cut is written cut:STEP[@N]'],
    ['cut:nowhere', 'there is no step called nowhere'],
    ['cut:r2t@0', 'cut is written cut:STEP[@N]'],
    ['registrations-short:many', 'registrations-short is written registrations-short:N'],
    ['busy:0', 'busy is written busy:N'],
    ['login-status:3', 'login-status is written login-status:CCDD'],
    ['redirect-temporary:host', 'redirect-temporary is written redirect-temporary:HOST:PORT'],
  ])('refuses %s', (text, problem) => {
    expect(parseFault(text)).toEqual({ ok: false, problem });
    expect(() => new Faults([text])).toThrow(problem);
  });
});

describe('a set of faults', () => {
  it('is switched on and off while it is used', () => {
    const faults = new Faults(['slow-disk:20', 'write-protected']);
    expect(faults.amount('slow-disk')).toBe(20);
    faults.add('slow-disk:30');
    expect(faults.amount('slow-disk')).toBe(30);
    faults.remove('slow-disk');
    expect(faults.amount('slow-disk')).toBeUndefined();
    expect(faults.has('write-protected')).toBe(true);
    faults.clear();
    expect(faults.list()).toEqual([]);
  });

  it('is switched off by the text that it shows, or by the name for all of that name', () => {
    const faults = new Faults(['cut:r2t@2', 'cut:data-in', 'slow-disk:20', 'write-protected']);
    expect(faults.texts()).toEqual(['cut:r2t@2', 'cut:data-in', 'slow-disk:20', 'write-protected']);
    faults.removeText('cut:r2t@2');
    expect(faults.texts()).toEqual(['cut:data-in', 'slow-disk:20', 'write-protected']);
    expect(() => faults.removeText('slow-disk:30')).toThrow('it is not on');
    expect(() => faults.removeText('cut:r2t@2')).toThrow('it is not on');
    expect(() => faults.removeText('nonsense')).toThrow('there is no fault called nonsense');
    faults.removeText('busy');
    faults.add('cut:nop-in');
    for (const text of ['cut', 'slow-disk:20', 'write-protected']) faults.removeText(text);
    expect(faults.texts()).toEqual([]);
  });

  it('keeps several step faults, and strikes the Nth time only where that is asked', () => {
    const faults = new Faults(['cut:r2t@2', 'stall:logout-response']);
    expect(faults.atSteps(['r2t'])).toBeNull();
    expect(faults.atSteps(['scsi-response'])).toBeNull();
    expect(faults.atSteps(['r2t'])).toBe('cut');
    expect(faults.atSteps(['r2t'])).toBeNull();
    expect(faults.atSteps(['logout-response'])).toBe('stall');
    expect(faults.atSteps(['logout-response'])).toBe('stall');
  });

  it('counts down what has a number', () => {
    const faults = new Faults(['unit-attention-storm:2']);
    expect([1, 2, 3].map(() => faults.spend('unit-attention-storm'))).toEqual([true, true, false]);
    expect(faults.spend('lun-vanishes')).toBe(false);
  });

  it('strikes every Nth time, each fault by itself', () => {
    const faults = new Faults(['busy:3', 'task-set-full:1']);
    expect([1, 2, 3, 4, 5, 6].map(() => faults.strikes('busy'))).toEqual([false, false, true, false, false, true]);
    expect(faults.strikes('task-set-full')).toBe(true);
    faults.remove('busy');
    expect(faults.strikes('busy')).toBe(false);
  });

  it('has defaults for what may be left out', () => {
    const faults = new Faults(['registrations-short', 'reservation-types']);
    expect(faults.amount('registrations-short')).toBe(2);
    expect(faults.argument('reservation-types')).toBe(faultTable['reservation-types'].default);
  });
});
