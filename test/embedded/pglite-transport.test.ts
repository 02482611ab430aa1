import { describe } from 'vitest';
import { openTestDatabase } from '../support/database.ts';
import { testTransport } from '../support/transport-conformance.ts';

describe('the embedded database as a transport', () => {
  testTransport(openTestDatabase);
});
