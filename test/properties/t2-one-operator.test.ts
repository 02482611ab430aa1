import { PEOPLE } from '../support/story-world.ts';
import { testSequences } from './support/sequences.ts';

testSequences('T2, where one operator is enough, also the one who asked', { tier: 'T2', separation: 'any', requester: PEOPLE.operator });
