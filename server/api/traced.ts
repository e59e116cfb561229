/** A span and two metrics for every request, under the route's template: an id in a path must not become a metric. */
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { createMiddleware } from 'hono/factory'
import { routePath } from 'hono/route'
import { instruments } from '../telemetry.ts'

export const traced = createMiddleware(async (c, next) => {
  const meters = instruments()
  const started = performance.now()
  await trace.getTracer('plumbline').startActiveSpan(`${c.req.method}`, { kind: SpanKind.SERVER }, async (span) => {
    try {
      await next()
    } finally {
      const route = routePath(c, -1)
      const attributes = { method: c.req.method, route, status: c.res.status }
      span.updateName(`${c.req.method} ${route}`)
      span.setAttributes({
        'http.request.method': c.req.method,
        'http.route': route,
        'http.response.status_code': c.res.status,
      })
      if (c.res.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
      meters.requests.add(1, attributes)
      meters.requestSeconds.record((performance.now() - started) / 1000, { method: attributes.method, route })
    }
  })
})
