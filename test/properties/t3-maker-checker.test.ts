import { PEOPLE } from '../support/story-world.ts';
import { testSequences } from './support/sequences.ts';

testSequences("T3, where whoever asks may fill the operator's place and no other", {
  tier: 'T3',
  separation: 'operator',
  requester: PEOPLE.operator,
});
