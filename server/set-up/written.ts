/** What a draft writes into plumbline.yaml. Comments, order and everything that the draft says nothing of stay. */
import { parse, parseDocument, type Document } from 'yaml'
import { PlumblineError } from '../errors.ts'
import type { Draft, PlatformDraft } from './draft.ts'
import { STAGES } from './stages.ts'

const HEADER = `# Plumbline: which platforms there are, and who owns what. Written by the guided set-up; edit it by hand as you like.
# plumbline.example.yaml shows every key; plumbline validate finds every mistake. Secrets are references, never values.
`

/** The text of the file with the draft in it. @throws PlumblineError config where the text cannot be read as YAML */
export function written(text: string, draft: Draft): string {
  const doc: Document = parseDocument(text.trim() === '' ? HEADER : text, { logLevel: 'error' })
  const [wrong] = doc.errors
  if (wrong)
    throw new PlumblineError('config', `The configuration cannot be read: ${wrong.message.split('\n')[0]}`, {
      remedy: 'Correct the file by hand first; plumbline validate shows the place.',
    })
  if (doc.contents === null) doc.contents = doc.createNode({})
  const put = (path: readonly string[], value: unknown) => {
    if (JSON.stringify(plain(doc, path)) === JSON.stringify(value)) return
    doc.setIn(path, doc.createNode(value))
  }
  if (draft.company !== '') put(['company'], draft.company)
  for (const platform of draft.platforms)
    for (const [key, value] of Object.entries(entryOf(platform))) put(['platforms', platform.name, key], value)
  const cast = rolesIn(doc)
  const chosen = { ...rolesOf(draft, cast), ...draft.owners }
  for (const [pattern, owner] of Object.entries(chosen)) put(['ownership', pattern], [owner])
  // Whoever issues the invoices is asked for in other places too.
  const issuer = draft.roles['invoices']
  if (issuer !== undefined && issuer !== 'erp' && cast.has(issuer)) put(['issuer', '*'], issuer)
  return doc.toString({ lineWidth: 0 })
}

function plain(doc: Document, path: readonly string[]): unknown {
  const node: unknown = doc.getIn(path, true)
  return typeof node === 'object' && node !== null && 'toJS' in node && typeof node.toJS === 'function'
    ? (node.toJS as (doc: Document) => unknown)(doc)
    : node
}

/** Roles that some platform of the document has. */
function rolesIn(doc: Document): Set<string> {
  const platforms = (plain(doc, ['platforms']) ?? {}) as Record<string, { role?: string } | null>
  return new Set(Object.values(platforms).flatMap((p) => p?.role ?? []))
}

/**
 * Only what is not as usual: the shipped matrix says the rest, and says it finer. A role that no platform has yet speaks for
 * nothing; it is written once there is one.
 */
function rolesOf({ roles, without }: Draft, cast: ReadonlySet<string>): Record<string, string> {
  const lines = STAGES.filter((s) => !without.includes(s.id)).flatMap((s) => s.lines)
  return Object.fromEntries(
    lines.flatMap((line) => {
      const role = roles[line.id]
      return role === undefined || role === line.usual || !cast.has(role)
        ? []
        : line.patterns.map((pattern) => [pattern, role])
    }),
  )
}

function entryOf(p: PlatformDraft): Record<string, unknown> {
  const config = structuredClone(p.config)
  for (const [place, text] of Object.entries(p.yaml)) {
    const keys = place.split('.')
    let at = config
    for (const key of keys.slice(0, -1)) at = (at[key] ??= {}) as Record<string, unknown>
    at[keys.at(-1)!] = valueOf(p.name, place, text)
  }
  return {
    connector: p.connector,
    role: p.role,
    ...(p.title !== '' && { title: p.title }),
    ...(p.environment !== '' && p.environment !== 'production' && { environment: p.environment }),
    ...(p.timezone !== '' && p.timezone !== 'UTC' && { timezone: p.timezone }),
    ...(p.allow_private_network && { allow_private_network: true }),
    ...(Object.keys(config).length > 0 && { config }),
  }
}

function valueOf(platform: string, place: string, text: string): unknown {
  try {
    return parse(text)
  } catch (cause) {
    throw new PlumblineError('schema', `${platform}.${place} is not valid YAML: ${(cause as Error).message}`, {
      cause,
      remedy: 'Correct it; connectors/README of the connector shows an example.',
    })
  }
}
