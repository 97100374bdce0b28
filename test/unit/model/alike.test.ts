import { expect, it } from 'vitest';
import { countAlike, groupAlike } from '../../../shared/model/alike.ts';

it('says what differs only in a name once, with how often it is so', () => {
  expect(
    countAlike([
      'LUN 7: INQUIRY was answered with BUSY',
      'LUN 8: INQUIRY was answered with BUSY',
      'LUN 9: INQUIRY was answered with CHECK CONDITION',
    ]),
  ).toEqual([
    'LUN 7: INQUIRY was answered with BUSY (and 1 more like it)',
    'LUN 9: INQUIRY was answered with CHECK CONDITION',
  ]);
});

it.each([
  ['a key', 'the key 0x51524154aaaaaaaa is left', 'the key 0x51524154bbbbbbbb is left'],
  ['a portal', 'over 10.0.0.1:3260 nothing answers', 'over [fd00::1]:3260 nothing answers'],
  ['an iSCSI name', 'iqn.2026-01.example:a is refused', 'iqn.2026-01.example:b is refused'],
  ['an ISID', 'as A (ISID 80aabbccddee)', 'as A (ISID 80aabbccddef)'],
])('takes %s for a name', (_what, left, right) => {
  expect(groupAlike([left, right], (one) => one)).toMatchObject([{ sentence: left, all: [left, right] }]);
});

it('keeps apart what differs in anything else, and keeps the order', () => {
  const sentences = ['2 keys are left', '3 keys are left', '2 keys are left'];
  expect(groupAlike(sentences, (one) => one).map(({ all }) => all.length)).toEqual([2, 1]);
});
