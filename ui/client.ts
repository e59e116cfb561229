/** The typed client of the API, made from the type of the server's application. Only what answers are and how they are asked for is built on it. */
import { hc } from 'hono/client'
import type { App } from '../server/app.ts'
import { language } from './language.ts'

export const v1 = hc<App>('/', { headers: { 'x-requested-by': 'plumbline', 'accept-language': language } }).v1
