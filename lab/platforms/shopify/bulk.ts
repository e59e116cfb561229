/** Bulk operations of the simulated shop: one at a time, done at the second look, written as JSON lines that are read in ranges. */
import type { PlatformState } from '../../platform.ts'
import type { Document, Selection } from './document.ts'
import { isField, parseDocument } from './document.ts'
import type { Arguments, Node } from './run.ts'
import { runDocument } from './run.ts'

export interface BulkOptions {
  /** Another operation of the app is running. */
  busy?: boolean
  /** Operations end without a file. */
  fails?: boolean
}

interface Operation {
  id: string
  query: string
  looks: number
  file: string | null
}

export interface Bulk {
  start(given: Arguments): Node
  node(id: unknown): Node | null
  /** Part of a file, as `Range` asks for it. */
  file(number: string, range: string | undefined): Response
}

/** @param rootOf what lists are read from */
export function createBulk(state: PlatformState, rootOf: () => Node, options: BulkOptions = {}): Bulk {
  const operations: Operation[] = []
  let url = ''
  const shown = ({ id, file }: Operation): Node => ({
    __typename: 'BulkOperation',
    id,
    status: options.fails ? 'FAILED' : file === null ? 'RUNNING' : 'COMPLETED',
    errorCode: options.fails ? 'INTERNAL_SERVER_ERROR' : null,
    url: file === null || file === '' ? null : `${url}/files/bulk-${id.split('/').at(-1)}.jsonl`,
  })
  return {
    start({ query, $url }) {
      url = String($url)
      if (options.busy || operations.some(({ file }) => file === null && !options.fails))
        return {
          __typename: 'Payload',
          bulkOperation: null,
          userErrors: [
            {
              __typename: 'UserError',
              field: null,
              message: 'A bulk query operation for this app and shop is already in progress',
            },
          ],
        }
      const id = `gid://shopify/BulkOperation/${state.now()}${operations.length}`
      operations.push({ id, query: String(query), looks: 0, file: null })
      return {
        __typename: 'Payload',
        bulkOperation: { __typename: 'BulkOperation', id, status: 'CREATED' },
        userErrors: [],
      }
    },
    node(id) {
      const operation = operations.find((one) => one.id === id)
      if (!operation) return null
      if (++operation.looks > 1 && !options.fails) operation.file ??= linesOf(parseDocument(operation.query), rootOf())
      return shown(operation)
    },
    file(number, range) {
      const operation = operations.find(({ id }) => id.endsWith(`/${number}`))
      if (!operation?.file) return new Response('<Error/>', { status: 404 })
      const bytes = Buffer.from(operation.file)
      const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? []
      if (Number(from) >= bytes.length) return new Response('<Error/>', { status: 416 })
      const part = bytes.subarray(Number(from), to === '' ? undefined : Number(to) + 1)
      return new Response(part, {
        status: 206,
        headers: {
          'content-type': 'application/jsonl',
          'content-range': `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}`,
        },
      })
    },
  }
}

type Edges = { edges: { node: Record<string, unknown> }[] }
const isEdges = (value: unknown): value is Edges =>
  typeof value === 'object' && value !== null && Array.isArray((value as { edges?: unknown }).edges)

/** Every object a line; what lies in a list of it follows it and names it. */
function linesOf(document: Document, root: Node): string {
  const lines: string[] = []
  const write = ({ edges }: Edges, parent: unknown) => {
    for (const { node } of edges) {
      const own = Object.fromEntries(Object.entries(node).filter(([, value]) => !isEdges(value)))
      lines.push(JSON.stringify({ ...own, ...(parent !== undefined && { __parentId: parent }) }))
      for (const value of Object.values(node)) if (isEdges(value)) write(value, node['id'])
    }
  }
  for (const list of Object.values(runDocument(uncut(document), root, {}))) if (isEdges(list)) write(list, undefined)
  return lines.map((line) => `${line}\n`).join('')
}

/** The same document with lists that end nowhere. */
function uncut(document: Document): Document {
  const whole = (fields: readonly Selection[]): Selection[] =>
    fields.map((field) => {
      const inner = whole(field.fields)
      const lists = isField(field) && field.fields.some((one) => isField(one) && one.name === 'edges')
      return lists
        ? { ...field, fields: inner, arguments: { ...field.arguments, first: { literal: 1_000_000 } } }
        : { ...field, fields: inner }
    })
  return { ...document, fields: whole(document.fields) }
}
