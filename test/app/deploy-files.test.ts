import { existsSync, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseRoles, VARIABLE_NAMES } from '../../src/config.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

const Check = z.object({ method: z.literal('GET'), path: z.string(), interval: z.string(), timeout: z.string(), grace_period: z.string() });
const Groups = z.array(z.string()).min(1);
/** As much of Fly's form as this file uses; strict, because Fly passes over what it does not know. */
const FlyFile = z.strictObject({
  app: z.string(),
  primary_region: z.string(),
  kill_signal: z.string(),
  kill_timeout: z.number(),
  build: z.strictObject({ dockerfile: z.string() }),
  deploy: z.strictObject({
    release_command: z.string(),
    release_command_timeout: z.string(),
    strategy: z.enum(['rolling', 'immediate', 'canary', 'bluegreen']),
    max_unavailable: z.number(),
    wait_timeout: z.string(),
  }),
  env: z.record(z.string(), z.string()),
  processes: z.record(z.string(), z.string()),
  http_service: z.strictObject({
    processes: Groups,
    internal_port: z.number(),
    force_https: z.boolean(),
    auto_stop_machines: z.enum(['off', 'stop', 'suspend']),
    auto_start_machines: z.boolean(),
    min_machines_running: z.number(),
    concurrency: z.strictObject({ type: z.enum(['requests', 'connections']), soft_limit: z.number() }),
    checks: z.array(Check.strict()),
  }),
  checks: z.record(z.string(), Check.extend({ processes: Groups, type: z.literal('http'), port: z.number() }).strict()),
  metrics: z.array(z.strictObject({ port: z.number(), path: z.string(), processes: Groups })),
  restart: z.array(z.strictObject({ policy: z.literal('on-failure'), retries: z.number(), processes: Groups })),
  vm: z.array(z.strictObject({ processes: Groups, size: z.string(), memory: z.string() })),
});

const fly = FlyFile.parse(parseToml(read('fly.toml')));
const groups = Object.keys(fly.processes).sort();
const port = Number(fly.env.PORT);
const dockerLines = read('Dockerfile')
  .replaceAll(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => !line.startsWith('#'));

/** The program's own arguments, or null for a command that does not start it. */
function toArguments(command: string): string[] | null {
  const words = command.split(' ');
  const at = words.indexOf('src/main.ts');
  const isNode = words[0] === 'node' && words.slice(1, Math.max(at, 1)).every((word) => word.startsWith('--'));
  return isNode && at > 0 ? words.slice(at + 1) : null;
}

describe('fly.toml', () => {
  it('starts each role alone, with a command that the program accepts', () => {
    expect(groups).toEqual(['bot', 'web', 'worker']);
    for (const [group, command] of Object.entries(fly.processes))
      expect(parseRoles(toArguments(command) ?? ['?']), command).toEqual([group]);
    const commented = /^# all = "(.+)"$/m.exec(read('fly.toml'))?.[1] ?? '';
    expect(parseRoles(toArguments(commented) ?? ['?'])).toHaveLength(3);
  });

  it('names only process groups that exist, and leaves none without a machine, a check, metrics and a restart', () => {
    const checks = Object.values(fly.checks);
    const named = [fly.http_service, ...checks, ...fly.metrics, ...fly.restart, ...fly.vm].flatMap(({ processes }) => processes);
    expect(named.filter((group) => !groups.includes(group))).toEqual([]);
    for (const sections of [checks, fly.metrics, fly.restart, fly.vm]) {
      expect(sections.flatMap(({ processes }) => processes).sort()).toEqual(groups);
    }
  });

  it('gives only the web role to the world, over https, awake', () => {
    expect(fly.http_service).toMatchObject({ processes: ['web'], force_https: true, auto_stop_machines: 'off' });
    expect(fly.http_service.min_machines_running).toBeGreaterThan(0);
  });

  it('asks the routes that every role serves, where they are served', () => {
    expect(fly.env.HOST).toBe('0.0.0.0');
    expect([
      fly.http_service.internal_port,
      ...Object.values(fly.checks).map((check) => check.port),
      ...fly.metrics.map((m) => m.port),
    ]).toEqual(Array(2 + groups.length).fill(port));
    expect(fly.http_service.checks.map(({ path }) => path)).toEqual(['/health']);
    expect(new Set(Object.values(fly.checks).map(({ path }) => path))).toEqual(new Set(['/ready']));
    expect(fly.metrics.map(({ path }) => path)).toEqual(['/metrics']);
    const web = read('src/web/app.ts');
    for (const route of ['/health', '/ready', '/metrics']) expect(web).toContain(`app.get('${route}'`);
  });

  it('sends the signal that drains, and kills no process that is still draining', () => {
    const drainMs = Number(/^const DRAIN_MS = ([\d_]+);/m.exec(read('src/program.ts'))?.[1]?.replaceAll('_', ''));
    expect(drainMs).toBeGreaterThan(0);
    expect(fly.kill_timeout * 1000).toBeGreaterThan(drainMs);
    expect(read('src/main.ts')).toContain(`'${fly.kill_signal}'`);
  });

  it('migrates by a script that exists', () => {
    const script = /^npm run (\S+)$/.exec(fly.deploy.release_command)?.[1] ?? '';
    expect(Object.keys(JSON.parse(read('package.json')).scripts)).toContain(script);
  });

  it('holds no secret and sets nothing that the program does not read', () => {
    const names = Object.keys(fly.env);
    expect(names.filter((name) => !VARIABLE_NAMES.some((known) => known === name))).toEqual([]);
    expect(names.filter((name) => /TOKEN|SECRET|KEY|URL/.test(name))).toEqual([]);
  });
});

describe('the Dockerfile', () => {
  const copied = dockerLines.flatMap((line) => /^COPY (.+) \S+$/.exec(line)?.[1]?.split(' ') ?? []);
  const isCopied = (path: string) => copied.some((folder) => path === folder || path.startsWith(`${folder.replace(/\/$/, '')}/`));

  it('copies every file that the program and its release step read, wherever it stands', () => {
    const found = ['src/main.ts', 'scripts/migrate.ts', 'scripts/postinstall.js'].reduce(follow, new Set<string>());
    expect([...found]).toEqual(expect.arrayContaining(['supabase/migrations', 'policies/default.yaml', 'src/agents/prompts']));
    // Packages are installed, not copied.
    const missing = [...found].filter((path) => !path.startsWith('node_modules') && !isCopied(path));
    expect(missing).toEqual([]);
  });

  it('copies only what exists and what reaches the builder', async () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .flatMap((line) => /^!(.+)$/.exec(line)?.[1] ?? []);
    expect(read('.dockerignore')).toMatch(/^\*$/m);
    for (const path of copied) {
      await expect(stat(join(ROOT, path)), path).resolves.toBeDefined();
      expect(allowed, path).toContain(path.split('/')[0]);
    }
  });

  it('runs the pinned Node as a user without rights, without a shell, and without what only development needs', () => {
    const text = dockerLines.join('\n');
    expect(text).toContain('npm ci --omit=dev');
    expect(text).toMatch(/PATH=\/app\/node_modules\/\.bin:/);
    expect(text).toMatch(/^USER node$/m);
    const [command, ...more] = dockerLines.flatMap((line) => /^CMD (\[.+\])$/.exec(line)?.[1] ?? []);
    expect(more).toEqual([]);
    expect(
      parseRoles(
        toArguments(
          z
            .array(z.string())
            .parse(JSON.parse(command ?? ''))
            .join(' '),
        ) ?? ['?'],
      ),
    ).toHaveLength(3);
    expect(text).toContain('NODE_ENV=production');
    expect(text).toMatch(/NODE_OPTIONS="--max-semi-space-size=\d+ --max-old-space-size=\d+"/);
    expect(text).toContain(`PORT=${port}`);
    const major = /^FROM node:(\d+)-/m.exec(text)?.[1];
    expect(JSON.parse(read('package.json')).dependencies.node).toMatch(new RegExp(`^\\^${major}\\.`));
  });
});

describe('what operators read', () => {
  const documents = ['docs/operations.md', 'README.md', 'fly.toml'];
  /** Set by npm, Docker or Fly, or stands for a value in an example; the program does not read it. */
  const FOREIGN = new Set(['NODE_ENV', 'NODE_OPTIONS', 'TEST_DATABASE_URL', 'TEST_REDIS_URL']);
  const isVariable = (name: string) => VARIABLE_NAMES.some((known) => known === name);

  it('names only variables that the program reads', () => {
    const prefixes = new Set(VARIABLE_NAMES.filter((name) => name.includes('_')).map((name) => `${name.split('_')[0]}_`));
    for (const document of documents) {
      const named = read(document).match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g) ?? [];
      const unknown = named.filter((name) => !isVariable(name) && !FOREIGN.has(name));
      expect(
        unknown.filter((name) => prefixes.has(`${name.split('_')[0]}_`)),
        document,
      ).toEqual([]);
    }
  });

  it('names every variable in docs/operations.md', () => {
    const operations = read('docs/operations.md');
    expect(VARIABLE_NAMES.filter((name) => !operations.includes(`\`${name}\``))).toEqual([]);
  });

  it('names only metrics that exist', () => {
    const metrics = read('src/telemetry/metrics.ts');
    const named = read('docs/operations.md').match(/(?<=^\| `)ags_[a-z_]+(?=`)/gm) ?? [];
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !metrics.includes(`'${name}'`))).toEqual([]);
  });

  it('links only to files that exist', async () => {
    for (const document of documents.filter((path) => path.endsWith('.md'))) {
      const links = [...read(document).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '');
      for (const link of links) await expect(stat(join(ROOT, document, '..', link)), `${document}: ${link}`).resolves.toBeDefined();
    }
  });
});

/** A file and everything that it names by a relative path, and so on. */
function follow(found: Set<string>, file: string): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  if (!/\.(ts|js)$/.test(file) || !existsSync(join(ROOT, file))) return found;
  const named = [...read(file).matchAll(/'((?:\.\.?\/)+[\w./-]+)'/g)].map((match) => join(file, '..', match[1] ?? '').replace(/\/$/, ''));
  return named.reduce(follow, found);
}
