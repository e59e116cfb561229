/** Issuing a certificate: the checks' own verdicts are counted, the records' own values are hashed, and all of it is signed. */
import { randomBytes } from 'node:crypto'
import type { Field } from '../../../model/fields.ts'
import { kindOf } from '../../../model/kinds.ts'
import { format } from '../../../model/decimal.ts'
import { iso } from '../../clock.ts'
import type { Check } from '../../check/contract.ts'
import { parsePattern } from '../../config/pattern.ts'
import type { Context } from '../../context.ts'
import { PlumblineError } from '../../errors.ts'
import { agreedKeys, customersHeld, customerStands, findingStands } from '../../store/facts/agreement.ts'
import { reportFigures } from '../../store/facts/report-figures.ts'
import { identifiedStreams } from '../../store/identified.ts'
import { STALE_MS } from '../standing.ts'
import { fileText, KIND, signedText, statementOf, type Certificate, type Unsigned } from './document.ts'
import { signer } from './keys.ts'
import { bitsFor, partitions } from './lines.ts'

export interface Issued {
  certificate: Certificate
  /** The file, byte for byte. */
  text: string
}

const EVERYTHING = { severity: [], platforms: [], kinds: [], categories: [], checks: [], teams: [], except: [] }

/** Makes, signs and keeps one. @throws PlumblineError `conflict` where nothing can be certified yet. */
export async function issueCertificate(ctx: Context, actor: string): Promise<Issued> {
  const { facts, control, clock, config } = ctx
  const leftOut: Certificate['left_out'] = []
  const checks = comparing(ctx, leftOut)
  const platforms = await readFarEnough(ctx, leftOut)
  const fields = certified(checks)
  const names = platforms.map((p) => p.name)
  const scope = { platforms: names, checks: checks.map((c) => c.id), through: lowest(checks.map((c) => c.through)) }
  const [stands, findings, open] = await Promise.all([
    customerStands(facts, scope),
    findingStands(facts, scope.checks),
    reportFigures(facts, EVERYTHING),
  ])
  const total = stands.agree + stands.disagree + stands.undecided + stands.alone
  const salt = randomBytes(16).toString('hex')
  const bits = bitsFor(total)
  const hashed = await hashes(ctx, fields, names, salt, bits)
  const now = clock.now()
  const key = signer(ctx)
  const body = {
    kind: KIND as typeof KIND,
    version: 1 as const,
    id: `${iso(now).slice(0, 10)}-${randomBytes(4).toString('hex')}`,
    company: config.company,
    issued_at: iso(now),
    as_of: platforms.map((p) => p.complete_through).sort()[0]!,
    customers: { total, ...stands },
    fields: hashed.fields,
    platforms,
    left_out: leftOut,
    checks: checks.map(({ id, version, last_run_at }) => ({ id, version, last_run_at })),
    findings: {
      open: findings['open'] ?? 0,
      undecided: findings['undecided'] ?? 0,
      in_flight: findings['in_flight'] ?? 0,
    },
    money_at_risk: {
      findings: open.open,
      confirmed: plain(open.amounts.confirmed),
      estimated: plain(open.amounts.estimated),
      unpriced: open.unpriced,
    },
    partitions: { salt, bits, hashes: hashed.partitions },
  }
  const unsigned: Unsigned = {
    ...body,
    statement: statementOf(body),
    signature: { algorithm: 'Ed25519', key_id: key.id, public_key: key.publicKey },
  }
  const certificate = { ...unsigned, signature: { ...unsigned.signature, value: key.sign(signedText(unsigned)) } }
  const text = fileText(certificate)
  control.reports.addCertificate({ id: body.id, madeAt: now, keyId: key.id, document: text }, actor)
  return { certificate, text }
}

const plain = (amounts: Record<string, string>) =>
  Object.fromEntries(Object.entries(amounts).map(([currency, amount]) => [currency, format(amount)]))

interface Comparing {
  id: string
  version: string
  last_run_at: string
  through: string
  params: { fields: string[]; except?: string[] }
}

/** Checks that compare customers and have looked. One that fails or never ran vouches for nothing, and is named. */
function comparing(ctx: Context, leftOut: Certificate['left_out']): Comparing[] {
  const all = ctx.checks.filter((c): c is Check<Comparing['params'] & { of: string; advisory?: boolean }> => {
    const params = c.params as { of?: string; advisory?: boolean }
    return c.kind === 'agree' && params.of === 'customer' && params.advisory !== true
  })
  const found = all.flatMap((check): Comparing[] => {
    const state = ctx.control.checkState(check.id)
    const why = !state?.through || state.lastRunAt === null ? 'has not looked yet' : state.lastError?.message
    // The version of the landscape stands behind the check's own.
    if (why === undefined && state?.version.startsWith(check.version))
      return [
        {
          id: check.id,
          version: check.version,
          last_run_at: iso(state.lastRunAt!),
          through: state.through!,
          params: check.params,
        },
      ]
    leftOut.push({ what: `check ${check.id}`, why: why ?? 'was changed and has not looked since' })
    return []
  })
  if (found.length > 0) return found
  throw new PlumblineError('conflict', 'No check has compared the customers yet, so nothing can be certified.', {
    remedy: 'Run plumbline check, then issue the certificate again.',
  })
}

/** Owned fields that at least one of the checks compares; what points to other records has no value of its own. */
function certified(checks: readonly Comparing[]): Field[] {
  const matches = (texts: readonly string[], field: string) =>
    texts.some((text) => {
      const parsed = parsePattern(`customer.${text}`)
      return !('wrong' in parsed) && parsed.matches('customer', field)
    })
  return kindOf('customer').fields.filter(
    (f) =>
      f.type !== 'reference' &&
      f.name !== 'role' &&
      checks.some((c) => matches(c.params.fields, f.name) && !matches(c.params.except ?? [], f.name)),
  )
}

async function readFarEnough(ctx: Context, leftOut: Certificate['left_out']): Promise<Certificate['platforms']> {
  const now = ctx.clock.now()
  const held = await customersHeld(ctx.facts)
  const found = ctx.landscape.platforms.flatMap(({ name, title }) => {
    const streams = identifiedStreams(ctx.control).filter((s) => s.platform === name && s.kind === 'customer')
    if (streams.length === 0) return []
    const through = streams.map((s) => s.completeThrough)
    const oldest = through.every((t) => t !== null) ? Math.min(...through) : null
    const stopped = streams.find((s) => s.stopped ?? s.lastError)
    const why = stopped
      ? (stopped.stopped?.reason ?? stopped.lastError!.message)
      : oldest === null
        ? 'was never read completely'
        : oldest < now - STALE_MS
          ? `was read through ${iso(oldest)} only`
          : null
    if (why === null) return [{ name, title, complete_through: iso(oldest!), customers: held.get(name) ?? 0 }]
    leftOut.push({ what: `platform ${name}`, why })
    return []
  })
  if (found.length >= 2) return found
  throw new PlumblineError('conflict', 'Fewer than two platforms could be read, so nothing can be certified.', {
    remedy: `Mend first: ${leftOut.map((l) => `${l.what} ${l.why}`).join('; ') || 'connect a second platform with customers'}.`,
  })
}

/** Revisions are 64-bit numbers in decimal text. */
const lowest = (revs: readonly string[]) =>
  revs
    .map(BigInt)
    .reduce((a, b) => (b < a ? b : a))
    .toString()

async function hashes(
  ctx: Context,
  fields: readonly Field[],
  platforms: readonly string[],
  salt: string,
  bits: number,
): Promise<{ fields: Certificate['fields']; partitions: Certificate['partitions']['hashes'] }> {
  const made = partitions(salt, bits)
  const counts = fields.map((f) => ({ name: f.name, agreed: 0, differing: 0 }))
  for await (const batch of agreedKeys(ctx.facts, fields, platforms))
    for (const { entity_id, keys, differs } of batch) {
      const agreed: [string, string][] = []
      keys.forEach((key, n) => {
        counts[n]!.differing += differs[n]!
        if (key === null) return
        counts[n]!.agreed += 1
        agreed.push([counts[n]!.name, key])
      })
      made.add(entity_id, agreed)
    }
  return { fields: counts, partitions: made.finished() }
}
