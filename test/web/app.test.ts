import { HTTPException } from 'hono/http-exception';
import { expect, it } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { makeApp } from './support.ts';

it('/health answers whatever the rest does', async () => {
  const { app } = makeApp({ checks: { store: () => Promise.reject(new Error('down')) } });
  const response = await app.request('/health');
  expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
});

it('/ready names each part that answers', async () => {
  const { app } = makeApp({ checks: { store: async () => {}, queue: async () => {}, telegram: async () => {} } });
  const response = await app.request('/ready');
  expect([response.status, await response.json()]).toEqual([
    200,
    { status: 'ready', checks: { store: 'ok', queue: 'ok', telegram: 'ok' } },
  ]);
});

it('/metrics is Prometheus text', async () => {
  const response = await makeApp().app.request('/metrics');
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  expect(await response.text()).toContain('# TYPE ags_tasks gauge');
});

it('answers in JSON that there is nothing', async () => {
  const response = await makeApp().app.request('/nothing', { method: 'POST' });
  expect([response.status, await response.json()]).toEqual([404, { error: 'not_found' }]);
});

it('says of each closed webhook what is missing, and knows nothing of the others', async () => {
  const { app } = makeApp({ closedWebhooks: { telegram: true, tradingview: true, payments: false } });
  const post = (path: string) => app.request(path, { method: 'POST', body: '{"secret":"x"}' });
  expect((await post('/webhooks/telegram')).status).toBe(401);
  const alert = await post('/webhooks/tradingview');
  expect([alert.status, await alert.json()]).toEqual([
    503,
    { error: 'not_configured', message: 'TRADINGVIEW_SECRET is not set, so alerts are not taken.' },
  ]);
  expect((await post('/webhooks/payments')).status).toBe(404);
});

it('shows nothing of a failure to the outside, and logs it once', async () => {
  const { app, lines } = makeApp();
  app.get('/broken', () => {
    throw new Error('canary');
  });
  const response = await app.request('/broken');
  expect([response.status, await response.text()]).toEqual([500, '{"error":"internal"}']);
  expect(lines.filter((line) => line.includes('canary'))).toHaveLength(1);
});

it('tells what is worth another try from what is not', async () => {
  const { app } = makeApp();
  app.get('/later', () => {
    throw new AppError('store_unavailable');
  });
  app.get('/refused', () => {
    throw new HTTPException(413);
  });
  expect((await app.request('/later')).status).toBe(503);
  expect((await app.request('/refused')).status).toBe(413);
});

it('sends secure headers, and leaves a page’s own policy alone', async () => {
  const { app } = makeApp();
  app.get('/page', (context) => context.html('<p>', 200, { 'Content-Security-Policy': "default-src 'self'" }));
  for (const path of ['/health', '/nothing', '/metrics']) {
    const { headers } = await app.request(path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  }
  expect((await app.request('/page')).headers.get('content-security-policy')).toBe("default-src 'self'");
});
