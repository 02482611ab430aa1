import { describe, expect, test } from 'vitest';
import { readDecision } from '../../../src/bot/commands/read-decision.ts';
import { findNearestName } from '../../../src/bot/nearest-name.ts';

describe('/approve reads a decision, and guesses none', () => {
  test.each([
    ['T2-7F3K yes', { reference: 'T2-7F3K', decision: 'approve', reason: '', asRole: undefined }],
    ['t2-7f3k YES', { reference: 'T2-7F3K', decision: 'approve', reason: '', asRole: undefined }],
    ['T3-7F3K yes as operator', { decision: 'approve', reason: '', asRole: 'operator' }],
    ['T3-7F3K yes looks right as owner', { decision: 'approve', reason: 'looks right', asRole: 'owner' }],
    ['T3-7F3K no the price\nis missing', { decision: 'reject', reason: 'the price\nis missing', asRole: undefined }],
    ['T3-7F3K no I would not send it as owner', { decision: 'reject', reason: 'I would not send it as owner', asRole: undefined }],
    ['T3-7F3K no as owner too early', { decision: 'reject', reason: 'too early', asRole: 'owner' }],
  ])('%j', (args, expected) => expect(readDecision(args)).toMatchObject(expected));

  test.each([
    ['', 'Which request?'],
    ['17;18 yes', 'I read 17;18 as the reference'],
    ['-1 yes', 'I read -1 as the reference'],
    ['1e9 yes', 'I read 1e9 as the reference'],
    ['Т2-7F3K yes', 'as the reference, and it is none'],
    ['T2-7F3O yes', 'as the reference, and it is none'],
    ['T2-7F3K,T2-8G4L yes', 'as the reference, and it is none'],
    ['T2-7F3K', 'Yes or no?'],
    ['T2-7F3K уes', 'I know only yes and no'],
    ['T2-7F3K maybe', 'I know only yes and no'],
    ['T2-7F3K no', 'A rejection needs a reason'],
    ['T2-7F3K no as owner', 'A rejection needs a reason'],
  ])('%j is answered', (args, words) => {
    const read = readDecision(args);
    expect('problem' in read ? read.problem.text : read).toContain(words);
  });
});

test.each([
  ['taks', 'task'],
  ['aprove', 'approve'],
  ['stpo', 'stop'],
  ['x', null],
  ['breakglass', null],
])('the nearest to /%s', (typed, expected) => {
  expect(findNearestName(typed, ['task', 'tasks', 'status', 'why', 'approve', 'stop'])).toBe(expected);
});
