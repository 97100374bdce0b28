import { describe, expect, it } from 'vitest';
import { lookBehind } from '../../../main/qualify/runner/behind.ts';
import { failed } from '../../../main/qualify/runner/not-passed.ts';

/** Looks with one answer after the other. */
const looks = (...answers: readonly (string | Error)[]) => {
  const left = [...answers];
  return {
    left,
    look: async (): Promise<string> => {
      const answer = left.shift() ?? new Error('looked once too often');
      if (typeof answer === 'string') return answer;
      throw answer;
    },
  };
};

const act = async (onSent: () => void): Promise<string> => {
  onSent();
  return 'done';
};

describe('a look behind something', () => {
  it('is under way before that has been answered', async () => {
    const course: string[] = [];
    const answer = lookBehind(
      async (onSent) => {
        course.push('sent');
        onSent();
        await new Promise((resolve) => setImmediate(resolve));
        course.push('answered');
        return 'done';
      },
      async () => {
        course.push('looked');
        return 'seen';
      },
    );
    expect(await answer).toEqual(['done', 'seen']);
    expect(course).toEqual(['sent', 'looked', 'answered']);
  });

  it('is taken again, alone, where it did not show what it should', async () => {
    const { left, look } = looks(failed('too early'), 'seen');
    expect(await lookBehind(act, look)).toEqual(['done', 'seen']);
    expect(left).toEqual([]);
  });

  it('is believed the second time', async () => {
    const { look } = looks(failed('too early'), failed('it is so'));
    await expect(lookBehind(act, look)).rejects.toThrow('it is so');
  });

  it('is not taken again where it broke', async () => {
    const { left, look } = looks(new Error('the connection was cut'), 'seen');
    await expect(lookBehind(act, look)).rejects.toThrow('the connection was cut');
    expect(left).toEqual(['seen']);
  });

  it('counts for nothing where what it looks at failed', async () => {
    const { left, look } = looks(failed('of course'), 'seen');
    const refused = async (onSent: () => void): Promise<string> => {
      onSent();
      throw failed('refused');
    };
    await expect(lookBehind(refused, look)).rejects.toThrow('refused');
    expect(left).toEqual(['seen']);
  });

  it('ends before the failure is told, so that nothing of it reaches into what follows', async () => {
    let hasEnded = false;
    const slow = async (): Promise<string> => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      hasEnded = true;
      return 'seen';
    };
    const refused = async (onSent: () => void): Promise<string> => {
      onSent();
      throw failed('refused');
    };
    await expect(lookBehind(refused, slow)).rejects.toThrow('refused');
    expect(hasEnded).toBe(true);
  });

  it('is taken once where nothing told that it could follow', async () => {
    const { left, look } = looks('seen');
    expect(await lookBehind(async () => 'done', look)).toEqual(['done', 'seen']);
    expect(left).toEqual([]);
  });
});
