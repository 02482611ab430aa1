import { PEOPLE } from '../support/story-world.ts';
import { testSequences } from './support/sequences.ts';

testSequences('T3, asked for by an owner, who approves nothing of their own', { tier: 'T3', separation: 'none', requester: PEOPLE.owner });
