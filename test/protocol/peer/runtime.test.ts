import { expect, it } from 'vitest';

it('runs in the runtime that was meant', () => {
  expect(process.versions['electron'] !== undefined).toBe(process.env['QUORATE_TEST_RUNTIME'] === 'electron');
});
