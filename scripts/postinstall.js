// Runs after `npm ci`, plain JavaScript so that any Node can start it. What it does only makes the first start quicker: it never fails.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./prepare-database.ts', import.meta.url));
const { status } = spawnSync('node', [script], { stdio: ['ignore', 'ignore', 'ignore'] });
if (status !== 0) console.log('The empty database was not prepared; the first start makes it and takes some seconds longer.');
