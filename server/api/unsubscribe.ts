/** Leaving a list by the link in a mail: GET shows what would happen, only POST does it, because scanners follow links. */
import { Hono, type Context as Asked } from 'hono'
import { accepts } from 'hono/accepts'
import { readUnsubscribe } from '../deliver/unsubscribe.ts'
import { escaped } from '../mail/html.ts'
import type { Runtime } from '../runtime.ts'

const WORDS = {
  en: {
    invalid: 'This link is not valid',
    remedy: 'It may be incomplete. Copy it from the mail once more.',
    ask: 'Leave this list?',
    would: (address: string, list: string) => `${address} would get no more mails of the list ${list}.`,
    act: 'Leave the list',
    done: 'You left the list',
    gets: (address: string, list: string) => `${address} gets no more mails of the list ${list}.`,
  },
  de: {
    invalid: 'Dieser Link ist nicht gültig',
    remedy: 'Vielleicht ist er unvollständig. Bitte noch einmal aus der Mail kopieren.',
    ask: 'Diese Liste abbestellen?',
    would: (address: string, list: string) => `${address} bekäme keine Mails der Liste ${list} mehr.`,
    act: 'Abbestellen',
    done: 'Abbestellt',
    gets: (address: string, list: string) => `${address} bekommt keine Mails der Liste ${list} mehr.`,
  },
} as const
type Language = keyof typeof WORDS

/** Nobody is signed in here: the browser knows its reader's language. */
function language(c: Asked): Language {
  return accepts(c, { header: 'Accept-Language', supports: ['en', 'de'], default: 'en' }) as Language
}

const page = (lang: Language, title: string, body: string) =>
  `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head><body><main><h1>${title}</h1>${body}</main></body></html>`

export function unsubscribeRoutes({ ctx: { control, clock } }: Pick<Runtime, 'ctx'>) {
  const said = (of: 'would' | 'gets', lang: Language, { address, list }: { address: string; list: string }) =>
    `<p>${WORDS[lang][of](escaped(address), escaped(list))}</p>`
  return new Hono()
    .get('/:token', (c) => {
      const lang = language(c)
      const words = WORDS[lang]
      const found = readUnsubscribe(control, c.req.param('token'))
      if (!found) return c.html(page(lang, words.invalid, `<p>${words.remedy}</p>`), 404)
      const form = `<form method="post"><button>${words.act}</button></form>`
      return c.html(page(lang, words.ask, said('would', lang, found) + form))
    })
    .post('/:token', (c) => {
      const lang = language(c)
      const found = readUnsubscribe(control, c.req.param('token'))
      if (!found) return c.html(page(lang, WORDS[lang].invalid, ''), 404)
      control.transaction(() => {
        control.unsubscribe(found.list, found.address, clock.now())
        control.audit({ at: clock.now(), actor: found.address, action: 'list.left', object: found.list })
      })
      return c.html(page(lang, WORDS[lang].done, said('gets', lang, found)))
    })
}
