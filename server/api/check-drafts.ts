/** Drafts of checks over HTTP: edited as form and YAML, tried on the records as they are, run as shadows, published. */
import { existsSync, readFileSync } from 'node:fs'
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { CHECK_KINDS } from '../check/kinds.ts'
import { edited, FORM_KEYS } from '../check/edit.ts'
import { publishCheck, writtenHere } from '../check/publish.ts'
import { iso } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import type { CheckDraft } from '../store/control/check-drafts.ts'
import { previewOf, previewSchema } from './check-preview.ts'
import { reason } from './check-rulings.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'

const YAML_MAX = 200_000
const RUNS_SHOWN = 100
const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,60}\/[a-z0-9][a-z0-9-]{0,60}$/, 'write family/name in small letters, digits and dashes')
const formKey = z.enum(FORM_KEYS)
const problemSchema = z.object({
  line: z.number().int(),
  column: z.number().int(),
  path: z.string(),
  message: z.string(),
  suggestion: z.string().optional(),
})
const editedSchema = z
  .object({
    yaml: z.string(),
    form: z.record(formKey, z.string()),
    problems: z.array(problemSchema).describe('Empty: it can be tried and kept.'),
    version: z.string().nullable(),
  })
  .meta({ id: 'EditedCheck' })
const shadowRun = z.object({
  at: z.string(),
  version: z.string(),
  open: z.number().int(),
  in_flight: z.number().int(),
  undecided: z.number().int(),
  added: z.number().int().describe('Open here and not in the live version.'),
  removed: z.number().int().describe('Open in the live version and not here.'),
  error: z.string().nullable(),
  sample: z.array(z.string()).describe('What the first of those added say.'),
})
const draftSchema = z
  .object({
    id: z.string(),
    live: z.string().nullable().describe('The text of the live version; null: there is none.'),
    draft: z.string().nullable(),
    state: z.enum(['none', 'draft', 'shadow']),
    author: z.string().nullable(),
    changed_at: z.string().nullable(),
    shadow: z.array(shadowRun).describe('Rounds that it looked in, newest first.'),
    folder: z.boolean().describe('The configuration names a folder that it could be published to.'),
  })
  .meta({ id: 'CheckDraft' })
const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})
const text = z.string().max(YAML_MAX)

export function checkDraftRoutes({ ctx }: Runtime) {
  const { control, clock } = ctx
  const by = (c: { get(name: 'caller'): Caller }) => ({ actor: c.get('caller').user.id, at: clock.now() })
  const idOf = (c: { req: { param(name: string): string | undefined } }) => {
    const read = id.safeParse(`${c.req.param('family')}/${c.req.param('id')}`)
    if (read.success) return read.data
    throw new PlumblineError('schema', 'This is no id of a check.', { remedy: read.error.issues[0]!.message })
  }
  const readText = (wanted: string, yaml: string, set = {}): z.output<typeof editedSchema> => {
    const { yaml: text, form, check, problems } = edited(wanted, yaml, set)
    return {
      yaml: text,
      form,
      version: check?.version ?? null,
      problems: problems.map(({ line, column, path, message, suggestion }) => ({
        ...{ line, column, path, message },
        ...(suggestion !== undefined && { suggestion }),
      })),
    }
  }
  function view(wanted: string): z.output<typeof draftSchema> {
    const draft: CheckDraft | null = control.checkDraft(wanted)
    const file = ctx.checks.find((k) => k.id === wanted)?.file
    return {
      id: wanted,
      live: file !== undefined && existsSync(file) ? readFileSync(file, 'utf8') : null,
      draft: draft?.yaml ?? null,
      state: draft?.state ?? 'none',
      author: draft && (control.user(draft.author)?.name ?? draft.author),
      changed_at: draft && iso(draft.changedAt),
      shadow: control.shadowRuns(wanted, RUNS_SHOWN).map(({ id: _, at, inFlight, sample, ...r }) => ({
        ...r,
        ...{ at: iso(at), in_flight: inFlight, sample: JSON.parse(sample) as string[] },
      })),
      folder: ctx.config.checks.folders.length > 0,
    }
  }
  /** @throws PlumblineError config naming the first thing that is wrong with it */
  const readable = (wanted: string, yaml: string) => {
    const { check, problems } = edited(wanted, yaml)
    if (check) return writtenHere(check)
    const first = problems[0]
    throw new PlumblineError(
      'config',
      `Line ${first?.line ?? 1}: ${first?.path ?? ''} ${first?.message ?? ''}`.trim(),
      {
        remedy: 'Correct what the editor names.',
      },
    )
  }

  return new Hono<GuardEnv>()
    .get(
      '/kinds',
      describeRoute({
        summary: 'Kinds of checks',
        tags: ['checks'],
        responses: json(z.array(z.object({ name: z.string(), about: z.string() })), 'Kinds.'),
      }),
      requires('view'),
      (c) => c.json([...CHECK_KINDS.values()].map(({ name, about }) => ({ name, about }))),
    )
    .post(
      '/read',
      describeRoute({
        summary: 'Read a check as form and YAML; `set` writes fields of the form into the text',
        tags: ['checks'],
        responses: json(editedSchema, 'Both, and what is wrong.'),
      }),
      requires('view'),
      validator('json', z.strictObject({ id, yaml: text, set: z.partialRecord(formKey, text).optional() }), invalid),
      (c) => {
        const body = c.req.valid('json')
        return c.json(readText(body.id, body.yaml, body.set))
      },
    )
    .post(
      '/preview',
      describeRoute({
        summary: 'Try a check on the records as they are; writes nothing and tells nobody',
        tags: ['checks'],
        responses: json(previewSchema, 'What it would find.'),
      }),
      requires('operate'),
      validator('json', z.strictObject({ id, yaml: text }), invalid),
      async (c) => {
        const body = c.req.valid('json')
        return c.json(await previewOf(ctx, readable(body.id, body.yaml)))
      },
    )
    .get(
      '/:family/:id',
      describeRoute({
        summary: 'The live text of a check, its draft, and what its shadow saw',
        tags: ['checks'],
        responses: json(draftSchema, 'It.'),
      }),
      requires('view'),
      (c) => c.json(view(idOf(c))),
    )
    .put(
      '/:family/:id',
      describeRoute({
        summary: 'Keep a draft, or let it run as a shadow',
        tags: ['checks'],
        responses: json(draftSchema, 'It.'),
      }),
      requires('operate'),
      validator('json', z.strictObject({ yaml: text, shadow: z.boolean().default(false) }), invalid),
      (c) => {
        const { yaml, shadow } = c.req.valid('json')
        const wanted = idOf(c)
        // A draft may be half written; what looks in every round must be able to.
        if (shadow) readable(wanted, yaml)
        control.saveCheckDraft({ id: wanted, yaml, state: shadow ? 'shadow' : 'draft' }, by(c))
        return c.json(view(wanted))
      },
    )
    .delete(
      '/:family/:id',
      describeRoute({ summary: 'Drop a draft', tags: ['checks'], responses: json(draftSchema, 'What is left.') }),
      requires('operate'),
      (c) => {
        control.dropCheckDraft(idOf(c), 'dropped', by(c))
        return c.json(view(idOf(c)))
      },
    )
    .post(
      '/:family/:id/publish',
      describeRoute({
        summary: 'Make a draft the live version: a file of the configuration’s checks folder; takes a back-test',
        tags: ['checks'],
        responses: json(draftSchema, 'It.'),
      }),
      requires('administer'),
      validator('json', z.strictObject({ reason }), invalid),
      (c) => {
        const { reason: why } = c.req.valid('json')
        const wanted = idOf(c)
        const draft = control.checkDraft(wanted)
        if (!draft)
          throw new PlumblineError('not_found', `There is no draft of ${wanted}.`, { remedy: 'Save it first.' })
        publishCheck(ctx, wanted, draft.yaml, { by: by(c).actor, reason: why })
        control.dropCheckDraft(wanted, 'published', by(c), why)
        return c.json(view(wanted))
      },
    )
}
