/** Which language a reader gets: chosen by the person, else by the browser before sign-in, else what the browser asks for. */
import { Hono, type Context as HonoContext } from 'hono'
import { accepts } from 'hono/accepts'
import { getCookie, setCookie } from 'hono/cookie'
import { describeRoute, validator } from 'hono-openapi'
import { z } from 'zod'
import { LOCALES, type Locale } from '../../model/message.ts'
import type { Caller, GuardEnv, GuardOptions } from './guard.ts'
import { invalid } from './problem.ts'

const COOKIE = 'plumbline-language'
const YEAR_S = 31_536_000

/** The first of those that exist. @param shipped languages of the built dashboard, English first */
export function languageFor(
  c: HonoContext,
  { control }: Pick<GuardOptions, 'control'>,
  shipped: readonly string[],
): string {
  const caller = c.get('caller') as Caller | undefined
  const chosen = [caller && control.language(caller.user.id), getCookie(c, COOKIE)]
  return chosen.find((l) => l && shipped.includes(l)) ?? spoken(c, shipped)
}

const spoken = (c: HonoContext, shipped: readonly string[]): string =>
  accepts(c, {
    header: 'Accept-Language',
    supports: [...shipped],
    default: shipped[0]!,
    match: (asked, { supports, default: otherwise }) =>
      asked
        .sort((a, b) => b.q - a.q)
        .map(({ type }) => type.split('-')[0]!.toLowerCase())
        .find((l) => supports.includes(l)) ?? otherwise,
  })

/** The language in which titles are answered: the one that the request names; the dashboard names its own. */
export const localeFor = (c: HonoContext): Locale => spoken(c, LOCALES) as Locale

export function languageRoutes({ control, origin }: GuardOptions) {
  return new Hono<GuardEnv>().put(
    '/language',
    describeRoute({
      summary: 'Choose the language of the dashboard',
      description: 'Kept for the person where somebody is signed in, and in a cookie for this browser.',
      tags: ['session'],
      security: [],
      responses: { 204: { description: 'Chosen; the next page comes in it.' } },
    }),
    validator('json', z.strictObject({ language: z.string().regex(/^[a-z]{2}$/) }), invalid),
    (c) => {
      const { language } = c.req.valid('json')
      const caller = c.get('caller') as Caller | undefined
      if (caller?.by === 'session') control.setLanguage(caller.user.id, language)
      setCookie(c, COOKIE, language, {
        sameSite: 'Lax',
        path: '/',
        httpOnly: true,
        secure: origin.startsWith('https:'),
        maxAge: YEAR_S,
      })
      return c.body(null, 204)
    },
  )
}
