import { makeStoredShortTerm } from '../../src/store/short-term.ts';
import { openTestDatabase } from '../support/database.ts';
import { testShortTerm } from '../support/short-term-conformance.ts';

testShortTerm(async () => {
  const database = await openTestDatabase();
  return { shortTerm: makeStoredShortTerm(database.rpc('ags_bot')), close: () => database.close() };
});
