/**
 * The program's process. It listens for the signals before anything else is loaded, which takes a second on a small machine: whoever ends
 * it meanwhile gets a clean end too.
 */
const stopping = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stopping.abort());

/** What the drain left behind, or a server that was refused, may hold connections open; the end is the end. */
const LINGER_MS = 200;

const { runProgram } = await import('./program.ts');
process.exitCode = await runProgram({ env: process.env, argv: process.argv.slice(2), signal: stopping.signal });
setTimeout(() => process.exit(), LINGER_MS).unref();
