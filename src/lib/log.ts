// Structured log lines; a sink is one function, so tests and hosts can take them over.

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to each of its lines. */
  with(fields: LogFields): Logger;
}

export type LogSink = (level: LogLevel, message: string, fields: LogFields) => void;

const severity: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Builds a logger on `sink`; lines below `minimum` are dropped. */
export function createLogger(sink: LogSink, minimum: LogLevel = 'info', fields: LogFields = {}): Logger {
  const line =
    (level: LogLevel) =>
    (message: string, more: LogFields = {}): void => {
      if (severity[level] >= severity[minimum]) sink(level, message, { ...fields, ...more });
    };
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    with: (more) => createLogger(sink, minimum, { ...fields, ...more }),
  };
}

/** One readable line on standard error: `info  turn answered  turn=3 responseMs=412`. */
export const stderrSink: LogSink = (level, message, fields) => {
  const rest = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${formatField(value)}`)
    .join(' ');
  process.stderr.write(`${level.padEnd(5)} ${message}${rest === '' ? '' : `  ${rest}`}\n`);
};

export const silentLogger: Logger = createLogger(() => undefined);

function formatField(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(value.message);
  return typeof value === 'string' && /^[\w.:/-]+$/.test(value) ? value : JSON.stringify(value);
}
