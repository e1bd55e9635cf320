// The OpenTelemetry SDK of this process: traces by OTLP (protobuf over HTTP), metrics as Prometheus reads them.
// OpenTelemetry: environment variable specification; OTLP 1. Leaves out: OTLP by gRPC or JSON, metrics by OTLP.

import { ProxyTracerProvider, type Tracer } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';

import type { AgentSettings } from '../agent.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import { withDeadline } from '../lib/deadline.ts';
import { DeadlineError } from '../lib/errors.ts';
import { Telemetry } from '../telemetry/call-telemetry.ts';
import { Disclosure } from '../telemetry/disclosure.ts';
import type { HttpAnswer } from './http.ts';
import type { RawEnvironment } from './environment.ts';

export interface ProcessTelemetryOptions {
  /** Base address of the collector, as in `OTEL_EXPORTER_OTLP_ENDPOINT`, which it wins over. */
  readonly otlp?: string | undefined;
  readonly settings: Pick<AgentSettings, 'telemetry'>;
  readonly version: string;
  /** The standard variables are read from it, and by the exporter from `process.env`. */
  readonly environment?: RawEnvironment;
  readonly clock?: Clock;
  /** Told once where traces don't arrive. */
  readonly warn: (line: string) => void;
}

export interface ProcessTelemetry {
  readonly telemetry: Telemetry;
  /** The answer to GET /metrics. */
  readonly metrics: () => Promise<HttpAnswer>;
  /** Sends what is left, for two seconds at most. Never rejects; idempotent. */
  close(): Promise<void>;
}

/** Few enough that making their message takes well under a millisecond of the event loop, on which all calls are. */
const SPANS_PER_EXPORT = 64;
/** A waterfall of a turn is looked at right after it. */
const EXPORT_PERIOD_MS = 1000;
/** At the end of a call people wait for the command; and a collector that doesn't answer in that time is out of order. */
const FLUSH_WITHIN_MS = 2000;

export function startTelemetry(options: ProcessTelemetryOptions): ProcessTelemetry {
  const { environment = process.env, settings, version, clock = systemClock } = options;
  let isClosed = false;
  // What becomes known later is of no use to anybody.
  const warn = (line: string): void => {
    if (!isClosed) options.warn(line);
  };
  const isDisabled = environment['OTEL_SDK_DISABLED']?.toLowerCase() === 'true';
  const resource = resourceOf(version);
  const traces = isDisabled ? undefined : tracerProvider({ ...options, environment, warn }, resource);
  const prometheus = new PrometheusExporter({ preventServerStart: true });
  const meters = new MeterProvider({ resource, readers: isDisabled ? [] : [prometheus] });
  const tracer: Tracer = (traces ?? new ProxyTracerProvider()).getTracer('repartee', version);
  // All instruments are of one scope, which needs no label.
  const serializer = new PrometheusSerializer('', false, undefined, false, true);
  let closing: Promise<void> | undefined;
  return {
    telemetry: new Telemetry({
      tracer,
      meter: meters.getMeter('repartee', version),
      disclosure: new Disclosure({ content: settings.telemetry.content }),
      clock,
    }),
    metrics: async () => {
      const body = isDisabled ? '' : serializer.serialize((await prometheus.collect()).resourceMetrics);
      return { status: 200, headers: { 'content-type': METRICS_TYPE, 'cache-control': 'no-store' }, body };
    },
    close: () => {
      closing ??= flush();
      return closing;
    },
  };

  async function flush(): Promise<void> {
    try {
      await withDeadline(Promise.allSettled([traces?.shutdown(), meters.shutdown()]), {
        clock,
        withinMs: FLUSH_WITHIN_MS,
        expired: () => new DeadlineError(`the collector took more than ${FLUSH_WITHIN_MS / 1000} s`),
      });
    } catch (error) {
      warn(`The last traces may be lost: ${reasonOf(error)}.`);
    }
    isClosed = true;
  }
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Undefined where traces go nowhere. */
function tracerProvider(
  options: ProcessTelemetryOptions & { readonly environment: RawEnvironment },
  resource: Resource,
): TracerProvider | undefined {
  const { otlp, environment, warn } = options;
  const set = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const endpoint = otlp ?? set('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ?? set('OTEL_EXPORTER_OTLP_ENDPOINT');
  if (endpoint === undefined || set('OTEL_TRACES_EXPORTER') === 'none') return undefined;
  const hasTimeout = ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', 'OTEL_EXPORTER_OTLP_TIMEOUT'].some(set);
  const exporter = new OTLPTraceExporter({
    ...(otlp !== undefined && { url: `${otlp.replace(/\/+$/, '')}/v1/traces` }),
    // Further attempts count: whatever is under way at the end is over before the process wants to be.
    ...(!hasTimeout && { timeoutMillis: FLUSH_WITHIN_MS }),
  });
  return new TracerProvider({
    resource,
    sampler: samplerOf(set('OTEL_TRACES_SAMPLER'), set('OTEL_TRACES_SAMPLER_ARG')),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: warningOnce(exporter, (reason) => warn(`Traces don't reach ${endpoint}: ${reason}. Calls go on.`)),
        maxExportBatchSize: SPANS_PER_EXPORT,
        scheduledDelayMillis: EXPORT_PERIOD_MS,
      }),
    ],
  });
}

/** What the user calls it stands above what we do. */
function resourceOf(version: string): Resource {
  return defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'repartee', 'service.version': version }))
    .merge(detectResources({ detectors: [envDetector] }));
}

/**
 * Every call is a trace of its own, so that what is based on a parent comes to the same. What isn't known counts as not set,
 * as the specification says.
 */
function samplerOf(name = 'always_on', argument = '1'): Sampler {
  const ratio = Number(argument);
  switch (name.replace(/^parentbased_/, '')) {
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio >= 0 && ratio <= 1 ? ratio : 1);
    default:
      return new AlwaysOnSampler();
  }
}

/** An exporter that tells of its first failure. */
function warningOnce(exporter: OTLPTraceExporter, warn: (reason: string) => void): SpanExporter {
  let hasWarned = false;
  return {
    export: (spans, resultCallback) => {
      exporter.export(spans, (result) => {
        if (result.error !== undefined && !hasWarned) {
          hasWarned = true;
          warn(reasonOf(result.error));
        }
        resultCallback(result);
      });
    },
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
}

/** A refused connection to several addresses has no message of its own. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '') return error.message;
  return 'code' in error ? String(error.code) : error.name;
}
