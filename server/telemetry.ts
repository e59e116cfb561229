/**
 * Telemetry: the only file that knows the OpenTelemetry SDK. Everything else uses @opentelemetry/api and the few
 * instruments named here.
 */
import {
  context,
  metrics,
  trace,
  SpanStatusCode,
  type Attributes,
  type ContextManager,
  type Context as OtelContext,
} from '@opentelemetry/api'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { MeterProvider, PeriodicExportingMetricReader, type MetricReader } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { AsyncLocalStorage } from 'node:async_hooks'
import type { LogFields } from './log.ts'

export interface Telemetry {
  /** The metrics page, in Prometheus text. */
  metricsPage(): Promise<string>
  /** trace_id and span_id of the active span, for log lines. */
  traceFields(): LogFields
  stop(): Promise<void>
}

/** Carries the active span through async calls; thirty lines in place of a package. */
class AsyncContextManager implements ContextManager {
  readonly #storage = new AsyncLocalStorage<OtelContext>()
  #root: OtelContext
  constructor(root: OtelContext) {
    this.#root = root
  }
  active(): OtelContext {
    return this.#storage.getStore() ?? this.#root
  }
  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    active: OtelContext,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#storage.run(active, () => fn.apply(thisArg, args))
  }
  bind<T>(active: OtelContext, target: T): T {
    if (typeof target !== 'function') return target
    const run = (...args: unknown[]) =>
      this.#storage.run(active, () => (target as unknown as (...a: unknown[]) => unknown)(...args))
    return run as unknown as T
  }
  enable(): this {
    return this
  }
  disable(): this {
    this.#storage.disable()
    return this
  }
}

/** @param options.otlpEndpoint base address of an OTLP/HTTP receiver; left out: traces are not exported, metrics are pulled from /metrics. */
export function startTelemetry(options: {
  serviceName: string
  version: string
  otlpEndpoint?: string | undefined
}): Telemetry {
  const resource = resourceFromAttributes({ 'service.name': options.serviceName, 'service.version': options.version })
  const page = new PrometheusExporter({ preventServerStart: true })
  const readers: MetricReader[] = [page]
  const base = options.otlpEndpoint?.replace(/\/$/, '')
  if (base)
    readers.push(
      new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter({ url: `${base}/v1/metrics` }),
        exportIntervalMillis: 30_000,
      }),
    )
  const meters = new MeterProvider({ resource, readers })
  const traces = new BasicTracerProvider({
    resource,
    spanProcessors: base ? [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${base}/v1/traces` }))] : [],
  })
  context.setGlobalContextManager(new AsyncContextManager(context.active()))
  metrics.setGlobalMeterProvider(meters)
  trace.setGlobalTracerProvider(traces)
  const serializer = new PrometheusSerializer('plumbline')
  return {
    async metricsPage() {
      const { resourceMetrics } = await page.collect()
      return serializer.serialize(resourceMetrics)
    },
    traceFields() {
      const span = trace.getActiveSpan()?.spanContext()
      return span ? { trace_id: span.traceId, span_id: span.spanId } : {}
    },
    async stop() {
      await Promise.allSettled([meters.shutdown(), traces.shutdown()])
      context.disable()
      metrics.disable()
      trace.disable()
    },
  }
}

/** Runs work inside a span; a throw marks the span failed and goes on. */
export async function inSpan<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  return await trace.getTracer('plumbline').startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work()
    } catch (thrown) {
      span.recordException(thrown instanceof Error ? thrown : String(thrown))
      span.setStatus({ code: SpanStatusCode.ERROR })
      throw thrown
    } finally {
      span.end()
    }
  })
}

/** What the metrics page says of one edge. Null: too little was measured. */
export interface EdgeReading {
  owner: string
  follower: string
  kind: string
  part: string
  now: { p50: number | null; p95: number | null; p99: number | null } | null
  waiting: { inFlight: number; wrong: number; undecided: number }
  budget: { compliance: number | null; left: number | null }
  burns: readonly { long: string; rate: number | null }[]
}

/** Lag quantiles, compliance, budget and burn of every edge, read whenever somebody looks. */
export function observeEdges(read: () => readonly EdgeReading[]): void {
  const meter = metrics.getMeter('plumbline')
  const gauge = (
    name: string,
    description: string,
    values: (e: EdgeReading) => readonly (readonly [Attributes, number | null | undefined])[],
    unit?: string,
  ) =>
    meter
      .createObservableGauge(`plumbline_edge_${name}`, { description, ...(unit && { unit }) })
      .addCallback((seen) => {
        for (const e of read())
          for (const [attributes, value] of values(e))
            if (value !== null && value !== undefined)
              seen.observe(value, { owner: e.owner, follower: e.follower, kind: e.kind, part: e.part, ...attributes })
      })
  gauge(
    'lag_seconds',
    'Time from the owner’s change until the follower agreed, over the changes of the last 24 hours.',
    (e) => [
      [{ quantile: '0.5' }, e.now?.p50],
      [{ quantile: '0.95' }, e.now?.p95],
      [{ quantile: '0.99' }, e.now?.p99],
    ],
    's',
  )
  gauge('burn_rate', 'How fast the error budget is spent; 1 spends it in exactly the period.', (e) =>
    e.burns.map((b) => [{ window: b.long }, b.rate] as const),
  )
  gauge('compliance', 'Share of changes that arrived within their window, over the period.', (e) => [
    [{}, e.budget.compliance],
  ])
  gauge('budget_left', 'Share of the error budget that is left.', (e) => [[{}, e.budget.left]])
  gauge('waiting', 'Changes that have not arrived.', (e) => [
    [{ state: 'in_flight' }, e.waiting.inFlight],
    [{ state: 'still_wrong' }, e.waiting.wrong],
    [{ state: 'undecided' }, e.waiting.undecided],
  ])
}

/** The instruments, by name and unit. Made lazily: the API hands out silent ones until telemetry has started. */
export function instruments() {
  const meter = metrics.getMeter('plumbline')
  return {
    runs: meter.createCounter('plumbline_runs', { description: 'Stage runs by stage and outcome.' }),
    runSeconds: meter.createHistogram('plumbline_run_seconds', { description: 'Duration of stage runs.', unit: 's' }),
    requests: meter.createCounter('plumbline_http_requests', { description: 'API requests by route and status.' }),
    requestSeconds: meter.createHistogram('plumbline_http_request_seconds', {
      description: 'Duration of API requests by route.',
      unit: 's',
    }),
    rows: meter.createCounter('plumbline_rows', {
      description: 'Rows read, stored and quarantined by platform and stream.',
    }),
  }
}
