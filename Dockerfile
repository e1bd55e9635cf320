# The agent with its page, as `npm run demo` runs it, without the LiveKit server: docker-compose.yml adds one.

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No install scripts: the only one needed elsewhere fetches Node 24, which is here already.
RUN npm ci --ignore-scripts --no-fund --no-audit
COPY tsconfig.json ./
# The page listens with the agent's own detectors.
COPY src src
COPY web-demo web-demo
RUN npx vite build web-demo && npm prune --omit=dev --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production REPARTEE_PAGE_HOST=0.0.0.0 REPARTEE_PAGE_PORT=3000
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/web-demo/dist web-demo/dist
COPY src src
USER node
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.REPARTEE_PAGE_PORT + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/cli/main.ts", "demo"]
