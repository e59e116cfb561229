/** Agreement certificates: issue one, download it, and the public keys that they are verified with. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { iso } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import { certificateSchema, type Certificate } from '../report/certificate/document.ts'
import { issueCertificate } from '../report/certificate/issue.ts'
import { publicKeys, rotate } from '../report/certificate/keys.ts'
import type { Runtime } from '../runtime.ts'
import type { CertificateRow } from '../store/control/reports.ts'
import { inTurn } from '../store/turns.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'
import { attachment } from './reports.ts'

const LISTED = 50

const lineSchema = z
  .object({
    id: z.string(),
    issued_at: z.string(),
    as_of: z.string(),
    statement: z.string(),
    customers: certificateSchema.shape.customers,
    key_id: z.string(),
  })
  .meta({ id: 'CertificateLine' })
const keySchema = z
  .object({
    id: z.string(),
    public: z.string().describe('SubjectPublicKeyInfo, DER in base64url.'),
    pem: z.string(),
    created_at: z.string(),
    retired_at: z.string().nullable(),
  })
  .meta({ id: 'CertificateKey' })
const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})

function line(row: CertificateRow): z.output<typeof lineSchema> {
  const c = JSON.parse(row.document) as Certificate
  return {
    id: row.id,
    issued_at: iso(row.madeAt),
    as_of: c.as_of,
    statement: c.statement,
    customers: c.customers,
    key_id: row.keyId,
  }
}

export function certificateRoutes({ ctx }: Runtime) {
  const actor = (c: { get(key: 'caller'): Caller }) => c.get('caller').user.id
  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'Certificates that were issued',
        tags: ['certificates'],
        responses: json(z.array(lineSchema), 'Newest first.'),
      }),
      requires('view'),
      (c) => c.json(ctx.control.reports.certificates(LISTED).map(line)),
    )
    .post(
      '/',
      describeRoute({
        summary: 'Issue a certificate now',
        tags: ['certificates'],
        responses: json(lineSchema, 'The certificate; download it by its id.'),
      }),
      requires('operate'),
      async (c) => {
        // Between two looks: counts and hashes must speak of the same records.
        const { certificate } = await inTurn(ctx.control, 'look', () => issueCertificate(ctx, actor(c)))
        return c.json(line(ctx.control.reports.certificate(certificate.id)!))
      },
    )
    .get(
      '/keys',
      describeRoute({
        summary: 'Public keys, the present one first',
        tags: ['certificates'],
        responses: json(z.array(keySchema), 'Keys.'),
      }),
      requires('view'),
      (c) => c.json(publicKeys(ctx)),
    )
    .post(
      '/keys',
      describeRoute({
        summary: 'Take a new key; the old one signs no more',
        tags: ['certificates'],
        responses: json(keySchema, 'The new key.'),
      }),
      requires('administer'),
      validator('json', z.strictObject({}), invalid),
      (c) => c.json(rotate(ctx, actor(c))),
    )
    .get(
      '/:id',
      describeRoute({
        summary: 'A certificate, byte for byte',
        tags: ['certificates'],
        responses: json(certificateSchema, 'Canonical JSON, signed.'),
      }),
      requires('view'),
      (c) => {
        const id = c.req.param('id')
        const row = ctx.control.reports.certificate(id)
        if (!row)
          throw new PlumblineError('not_found', `There is no certificate ${id}.`, {
            remedy: 'GET /v1/certificates lists them.',
          })
        return c.body(row.document, 200, attachment({ name: `certificate-${id}.json`, type: 'application/json' }))
      },
    )
}
