import { describe, expect, it } from 'vitest';
import { IscsiError } from '../../../main/iscsi/index.ts';
import type { Laboratory } from '../../../main/qualify/runner/laboratory.ts';
import { failed } from '../../../main/qualify/runner/not-passed.ts';
import { Proofs, type Figures } from '../../../main/qualify/runner/proofs.ts';
import { aside, orProven } from '../../../main/qualify/suites/proven.ts';

const lab = () => {
  const proofs = new Proofs();
  const notes: unknown[][] = [];
  const note = (...words: unknown[]): void => void notes.push(words);
  return { proofs, notes, laboratory: { proofs, note } as unknown as Laboratory };
};

/** A case that says that it ran. */
const run = (_laboratory: Laboratory, figures: Figures): Promise<void> => {
  figures['ran'] = true;
  return Promise.resolve();
};

describe('what one case has found out for another', () => {
  it('is taken for it, with where it was asked and its figures, and nothing is sent', async () => {
    const { proofs, notes, laboratory } = lab();
    proofs.begin('First');
    proofs.add('Second', 'GOOD', (figures) => {
      figures['seen'] = 2;
    });
    const figures: Figures = {};
    await orProven('Second', run)(laboratory, figures);
    expect(figures).toEqual({ seen: 2 });
    expect(notes).toEqual([['Asked in First', 'GOOD', true]]);
  });

  it('is not taken for a third', async () => {
    const { proofs, notes, laboratory } = lab();
    proofs.add('Second', 'GOOD', () => undefined);
    const figures: Figures = {};
    await orProven('Third', run)(laboratory, figures);
    expect(figures).toEqual({ ran: true });
    expect(notes).toEqual([]);
  });

  it('is forgotten where it is not as it should be: the case asks again', async () => {
    const { proofs, laboratory } = lab();
    proofs.add('Second', 'CHECK CONDITION', (figures) => {
      figures['seen'] = 3;
      throw failed('not so');
    });
    const figures: Figures = {};
    await orProven('Second', run)(laboratory, figures);
    expect(figures).toEqual({ ran: true });
  });

  it('is a failure where that was said to be final', async () => {
    const { proofs, notes, laboratory } = lab();
    proofs.begin('First');
    const judge = (): void => {
      throw failed('not so');
    };
    proofs.add('Second', 'CONFLICT', judge, { isFinal: true });
    await expect(orProven('Second', run)(laboratory, {})).rejects.toThrow('not so');
    expect(notes).toEqual([['Asked in First', 'CONFLICT', false]]);
  });

  it('hides no fault of ours', () => {
    const { proofs } = lab();
    const broken = (): void => {
      throw new TypeError('a fault');
    };
    expect(() => proofs.add('Second', '', broken)).toThrow(TypeError);
  });
});

describe('an answer aside', () => {
  it('that cannot be understood is none', async () => {
    expect(await aside(Promise.reject(new IscsiError('DATA_MALFORMED')))).toBeNull();
  });

  it('ends the case like any other where the conversation broke', async () => {
    await expect(aside(Promise.reject(new IscsiError('CONNECTION_CLOSED')))).rejects.toMatchObject({
      code: 'CONNECTION_CLOSED',
    });
  });
});
