/** Security headers of every answer: deny by default, allow our own origin only. */
import type { MiddlewareHandler } from 'hono'

/** Content-Security-Policy. Svelte writes no inline script or style; charts are SVG. */
export const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  // Reports are shown in frames; each brings a policy of its own.
  "frame-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ')

const HEADERS: Record<string, string> = {
  'content-security-policy': CSP,
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy':
    'accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()',
  'x-frame-options': 'DENY',
}

/** Policy of a report: its styles stand in it, nothing is fetched, nothing runs; links may leave the frame. */
export const REPORT_CSP = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  'sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation',
].join('; ')

export const securityHeaders: MiddlewareHandler = async (c, next) => {
  await next()
  // A document in a sandbox says its own policy, which is stricter in what it may do.
  const own = c.res.headers.get('content-security-policy')
  for (const [name, value] of Object.entries(HEADERS)) c.res.headers.set(name, value)
  if (own?.endsWith('; sandbox') || own === REPORT_CSP) c.res.headers.set('content-security-policy', own)
  if (own === REPORT_CSP) c.res.headers.set('x-frame-options', 'SAMEORIGIN')
  // Everything that depends on who asks; hashed assets say their own.
  if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store')
}
