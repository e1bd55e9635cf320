// Serves /metrics where no page is served.

import { createServer } from 'node:http';

import type { Logger } from '../lib/log.ts';
import { UsageError } from './command-line.ts';
import { allow, errorAnswer, type HttpAnswer, HttpError, listen, pathOf, send } from './http.ts';

export interface MetricsAddress {
  readonly host: string;
  /** 0: any. */
  readonly port: number;
}

export interface MetricsServer extends MetricsAddress {
  /** Idempotent. */
  close(): Promise<void>;
}

/** `9464` or `0.0.0.0:9464`; on this machine only where no host is given. Throws a `UsageError`. */
export function metricsAddress(text: string): MetricsAddress {
  const [, host, digits] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw new UsageError(`--metrics takes a port, or a host and a port as in 0.0.0.0:9464; "${text}" is neither.`);
  }
  return { host: host?.replace(/^\[(.*)\]$/, '$1') ?? '127.0.0.1', port };
}

/** Resolves once it can be asked; rejects with a `ConfigurationError` where it can't listen. */
export async function startMetricsServer(
  address: MetricsAddress,
  { metrics, log }: { readonly metrics: () => Promise<HttpAnswer>; readonly log: Logger },
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const answer = async (): Promise<HttpAnswer> => {
      if (pathOf(request) !== '/metrics') throw new HttpError(404, 'not_found', 'There is /metrics, and nothing else.');
      allow(request, ['GET', 'HEAD']);
      return metrics();
    };
    answer()
      .catch((error: unknown) => {
        if (error instanceof HttpError) return errorAnswer(error);
        log.error('a request failed', { path: request.url, error });
        return errorAnswer(new HttpError(500, 'internal', 'Something went wrong here. The log says what.'));
      })
      .then((ready) => send(request, response, ready))
      .catch(() => response.destroy());
  });
  const port = await listen(server, address);
  return {
    ...address,
    port,
    close: async () => {
      if (!server.listening) return;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
