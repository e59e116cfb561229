/** Set-up over HTTP: from the lifecycle to a configuration that validate accepts, step by step, and taken up again where it was left. */
import { accessSync, constants, existsSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { iso } from '../clock.ts'
import { name } from '../config/words.ts'
import { PlumblineError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { differences } from '../set-up/diff.ts'
import type { SetUpDoor } from '../set-up/door.ts'
import { draftSchema, keepDraft, keptDraft } from '../set-up/draft.ts'
import { formOf } from '../set-up/form.ts'
import { look, propose, type Proposal } from '../set-up/proposal.ts'
import { keepSecret } from '../set-up/references.ts'
import { STAGES } from '../set-up/stages.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'
import { wouldOwn } from './set-up-owners.ts'
import { formSchema, previewSchema, seenSchema, setUpSchema } from './set-up-views.ts'

const described = (summary: string, schema: z.ZodType) =>
  describeRoute({
    summary,
    tags: ['set-up'],
    responses: { 200: { description: 'It.', content: { 'application/json': { schema: resolver(schema) } } } },
  })
const named = z.strictObject({ draft: draftSchema, platform: name })

export function setUpRoutes({ ctx, setUp }: Runtime) {
  const { control, clock, config, connectors } = ctx
  const started = iso(clock.now())
  const door = (): SetUpDoor => {
    if (setUp) return setUp
    throw new PlumblineError('forbidden', 'The configuration of this server is changed by hand alone.', {
      remedy: 'Edit plumbline.yaml, or set server.set_up to true and start with plumbline start.',
    })
  }
  const me = (c: { get(name: 'caller'): Caller }) => c.get('caller').user.id
  const noted = (c: { get(name: 'caller'): Caller }, action: string, object: string, detail = {}) =>
    control.audit({ at: clock.now(), actor: me(c), action, object, detail })

  const state = (caller: Caller): z.output<typeof setUpSchema> => ({
    needed: Object.keys(config.platforms).length < 2,
    may_write: setUp !== null && caller.role === 'admin',
    file: caller.role === 'admin' ? (setUp?.file ?? '') : '',
    exists: setUp !== null && existsSync(setUp.file),
    started,
    company: config.company,
    configured: Object.entries(config.platforms).map(([n, p]) => ({ name: n, title: p.title ?? n, role: p.role })),
    stages: STAGES.map(({ id, title, question, lines }) => ({
      ...{ id, title, question },
      lines: lines.map((l) => ({ id: l.id, says: l.says, usual: l.usual, choices: [...l.choices] })),
    })),
    connectors: [...connectors].map(([n, k]) => ({
      ...{ name: n, title: k.title, kinds: [...new Set(k.streams.map((s) => s.kind))] },
    })),
    draft: caller.role === 'admin' ? keptDraft(control) : null,
    sample: !setUp?.sample ? 'none' : setUp.sample.shown ? 'shown' : 'offered',
  })
  const preview = ({ before, after, hash, loaded }: Proposal): z.output<typeof previewSchema> => ({
    ...{ file: door().file, hash, text: after, lines: before === after ? [] : differences(before, after) },
    problems: loaded.problems.map(({ level, line, path, message }) => ({ level, line, path, message })),
    owners: loaded.config && loaded.landscape ? wouldOwn(ctx, loaded.config, loaded.landscape) : [],
  })

  return new Hono<GuardEnv>()
    .get('/', described('How far the set-up is', setUpSchema), requires('view'), (c) => c.json(state(c.get('caller'))))
    .get(
      '/connectors/:name',
      described('What a connector asks for, as a form', formSchema),
      requires('administer'),
      (c) => {
        const connector = connectors.get(c.req.param('name'))
        if (!connector)
          throw new PlumblineError('not_found', `There is no connector ${c.req.param('name')}.`, {
            remedy: `There are: ${[...connectors.keys()].join(', ')}.`,
          })
        return c.json({ connector: c.req.param('name'), title: connector.title, fields: formOf(connector) })
      },
    )
    .put(
      '/draft',
      described('Keep how far it is', setUpSchema),
      requires('administer'),
      validator('json', draftSchema, invalid),
      (c) => {
        const draft = c.req.valid('json')
        // Refuses secrets in plain text before anything is kept.
        propose(ctx, door(), draft)
        keepDraft(control, draft)
        return c.json(state(c.get('caller')))
      },
    )
    .post(
      '/secrets',
      described(
        'Keep a secret in a file of its own; what stands in its place is answered',
        z.object({ reference: z.string() }),
      ),
      requires('administer'),
      validator(
        'json',
        z.strictObject({ platform: name, place: z.string().min(1).max(100), value: z.string().min(1).max(20_000) }),
        invalid,
      ),
      (c) => {
        const { platform, place, value } = c.req.valid('json')
        noted(c, 'secret kept', `platform ${platform}`, { place })
        return c.json({ reference: keepSecret(door().secrets, platform, place, value) })
      },
    )
    .post(
      '/look',
      described('Ask one platform of the draft who we are there, and what it keeps', seenSchema),
      requires('administer'),
      validator('json', named, invalid),
      async (c) => {
        const { draft, platform } = c.req.valid('json')
        noted(c, 'asked who we are there', `platform ${platform}`, { by: 'set-up' })
        const { ok, says, missingScopes, remedy, kinds } = await look(ctx, door(), draft, platform)
        return c.json({ ok, says, missing_scopes: missingScopes, remedy, kinds })
      },
    )
    .post(
      '/preview',
      described('What would be written, line by line, and who would own what', previewSchema),
      requires('administer'),
      validator('json', draftSchema, invalid),
      (c) => c.json(preview(propose(ctx, door(), c.req.valid('json')))),
    )
    .post(
      '/write',
      described('Write plumbline.yaml and start anew over it', previewSchema),
      requires('administer'),
      validator('json', z.strictObject({ draft: draftSchema, hash: z.string().length(64) }), invalid),
      (c) => {
        const { draft, hash } = c.req.valid('json')
        const { file, restart, sample } = door()
        if (sample?.shown)
          throw new PlumblineError('conflict', 'The sample company is shown.', {
            remedy: 'Remove it first; the set-up goes on where it was.',
          })
        const proposal = propose(ctx, door(), draft)
        if (proposal.hash !== hash)
          throw new PlumblineError('conflict', 'The configuration was changed by somebody else meanwhile.', {
            remedy: 'Look at the difference again.',
          })
        const wrong = proposal.loaded.problems.find((p) => p.level === 'error')
        if (wrong)
          throw new PlumblineError('config', `${wrong.path}: ${wrong.message}`, {
            remedy: wrong.suggestion ?? 'Correct it; the preview lists every mistake.',
          })
        write(file, proposal.after)
        noted(c, 'configuration written', 'plumbline.yaml', { platforms: draft.platforms.map((p) => p.name) })
        keepDraft(control, { ...draft, step: 'differences' })
        restart()
        return c.json(preview(proposal))
      },
    )
    .post('/sample', described('Show the sample company', setUpSchema), requires('administer'), (c) => {
      const { sample } = door()
      if (!sample || sample.shown)
        throw new PlumblineError('conflict', 'The sample company is shown already, or cannot be had here.', {
          remedy: 'npm run demo shows a simulated company.',
        })
      noted(c, 'sample company shown', 'sample')
      sample.show((c.get('caller') as Caller).session)
      return c.json(state(c.get('caller')))
    })
    .delete(
      '/sample',
      described('Remove the sample company and all that it left', setUpSchema),
      requires('administer'),
      (c) => {
        const { sample } = door()
        if (!sample?.shown)
          throw new PlumblineError('conflict', 'The sample company is not shown.', {
            remedy: 'There is nothing to remove.',
          })
        sample.remove()
        return c.json(state(c.get('caller')))
      },
    )
}

/** Whole or not at all. @throws PlumblineError config where the file may not be written */
function write(file: string, text: string): void {
  try {
    accessSync(dirname(file), constants.W_OK)
    const beside = `${file}.new`
    writeFileSync(beside, text, { mode: 0o600 })
    renameSync(beside, file)
  } catch (cause) {
    throw new PlumblineError('config', `${file} cannot be written: ${(cause as Error).message}.`, {
      cause,
      remedy: 'Copy the text of the preview there by hand, and start again.',
    })
  }
}
