# One image for every role; the command chooses: `node src/main.ts`, or with bot, worker or web behind it.
# Debian's Node carries npm only. What runs is the pinned one, the npm package `node`, which comes first on the path.
FROM node:24-bookworm-slim

# Most of an idle Node's memory is room for young objects, and a large machine lets the old ones pile up: with both capped a worker with 50 tasks
# in flight stays at 206 MB instead of 323 MB.
ENV NODE_ENV=production \
    NODE_OPTIONS="--max-semi-space-size=4 --max-old-space-size=320" \
    HOST=0.0.0.0 \
    PORT=8080 \
    DATA_DIR=/data \
    NPM_CONFIG_UPDATE_NOTIFIER=false \
    PATH=/app/node_modules/.bin:$PATH
WORKDIR /app

# Production dependencies alone, in a layer that changes with the lock file only. Of `scripts/` only what npm runs after the install:
# without the rest no embedded database is prepared, which a server does not need.
COPY package.json package-lock.json ./
COPY scripts/postinstall.js scripts/
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force && node --version

COPY policies policies
COPY supabase supabase
COPY scripts scripts
COPY src src

# The program owns nothing but its data: it cannot change its own code.
RUN mkdir /data && chown node:node /data
USER node
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Without a shell in between, SIGTERM reaches Node itself, which drains within 10 s.
STOPSIGNAL SIGTERM
CMD ["node", "src/main.ts"]
