/** Leaving a list by the link in a mail: GET shows what would happen, only POST does it, because scanners follow links. */
import { Hono } from 'hono'
import { readUnsubscribe } from '../deliver/unsubscribe.ts'
import { escaped } from '../mail/html.ts'
import type { Runtime } from '../runtime.ts'

const page = (title: string, body: string) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head><body><main><h1>${title}</h1>${body}</main></body></html>`

export function unsubscribeRoutes({ ctx: { control, clock } }: Pick<Runtime, 'ctx'>) {
  return new Hono()
    .get('/:token', (c) => {
      const found = readUnsubscribe(control, c.req.param('token'))
      if (!found)
        return c.html(
          page('This link is not valid', '<p>It may be incomplete. Copy it from the mail once more.</p>'),
          404,
        )
      return c.html(
        page(
          'Leave this list?',
          `<p>${escaped(found.address)} would get no more mails of the list ${escaped(found.list)}.</p><form method="post"><button>Leave the list</button></form>`,
        ),
      )
    })
    .post('/:token', (c) => {
      const found = readUnsubscribe(control, c.req.param('token'))
      if (!found) return c.html(page('This link is not valid', ''), 404)
      control.transaction(() => {
        control.unsubscribe(found.list, found.address, clock.now())
        control.audit({ at: clock.now(), actor: found.address, action: 'list.left', object: found.list })
      })
      return c.html(
        page(
          'You left the list',
          `<p>${escaped(found.address)} gets no more mails of the list ${escaped(found.list)}.</p>`,
        ),
      )
    })
}
