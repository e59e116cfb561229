/**
 * Leaving a list without signing in (RFC 8058). The link is signed, for one list and one address. Opening it shows a
 * page, because mail scanners follow links; only the form on it, or the mail program's own POST, takes one off.
 */
import { Hono } from 'hono'
import { html } from 'hono/html'
import { createHash } from 'node:crypto'
import { readUnsubscribe } from '../deliver/unsubscribe.ts'
import type { Runtime } from '../runtime.ts'
import type { GuardEnv } from './guard.ts'
import { requestId } from './problem.ts'

export function unsubscribeRoutes({ ctx }: Runtime) {
  const read = (token: string) => {
    try {
      return readUnsubscribe(ctx.control, token)
    } catch {
      return null
    }
  }
  return new Hono<GuardEnv>()
    .get('/:token', (c) => {
      const what = read(c.req.param('token'))
      if (!what) return c.html(page('This link is not valid', 'It was cut short, or it was not made here.', false), 404)
      return c.html(page(`Leave the list “${what.list}”?`, `${masked(what.address)} gets no more of it.`, true))
    })
    .post('/:token', (c) => {
      const what = read(c.req.param('token'))
      if (!what) return c.html(page('This link is not valid', 'It was cut short, or it was not made here.', false), 404)
      ctx.control.transaction(() => {
        ctx.control.unsubscribe(what.list, what.address, ctx.clock.now())
        const [kind, name] = what.list.split('/')
        if (kind === 'reports' && name) {
          const by = { actor: 'link', at: ctx.clock.now() }
          ctx.control.reports.subscribe(name, what.address, false, by)
        }
      })
      ctx.log.info('a reader left a list', {
        list: what.list,
        reader: createHash('sha256').update(what.address).digest('hex').slice(0, 12),
        request_id: requestId(c),
      })
      return c.html(page('Done', `${masked(what.address)} gets no more of “${what.list}”.`, false))
    })
}

/** Whoever has the link knows the address; whoever looks over a shoulder does not. */
const masked = (address: string) => address.replace(/^(.).*(@.*)$/, '$1…$2')

const page = (title: string, says: string, ask: boolean) =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          <p>${says}</p>
          ${ask ? html`<form method="post"><button>Leave the list</button></form>` : ''}
        </main>
      </body>
    </html>`
