/** Discovery: a connector is there because its file is there. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadText } from '../server/config/load.ts'
import { formatProblems } from '../server/config/problem.ts'
import { discoverConnectors, foldersOf, pluginFolders } from '../server/discover.ts'
import { PlumblineError } from '../server/errors.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plumbline-plugins-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(path: string, text: string): string {
  const file = join(folder, path)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, text)
  return file
}

const connector = (
  streams = `[{ name: 'things', kind: 'customer', source: 'Thing', holds: ['name'], deletes: 'flag', async *read() {}, map: () => ({ record_id: '1', fields: {} }) }]`,
) => `
import { z } from ${JSON.stringify(join(root, 'node_modules/zod/index.js'))}
export default {
  title: 'Throw-away',
  config: z.strictObject({ colour: z.enum(['red', 'green']) }),
  ping: async () => ({ account: 'none' }),
  streams: ${streams},
  limits: { calls: 1, windowMs: 1000, concurrency: 1, reserve: 0 },
  lagMs: 0,
  replayDays: null,
}
`

async function refusal(work: () => Promise<unknown> | unknown): Promise<PlumblineError> {
  const error = await Promise.resolve()
    .then(work)
    .then(
      () => null,
      (e: unknown) => e,
    )
  expect(error).toBeInstanceOf(PlumblineError)
  return error as PlumblineError
}

describe('discovery of connectors', () => {
  it('finds the shipped ones by their folders', async () => {
    const found = await discoverConnectors(foldersOf('connectors'))
    expect(found.get('files')?.title).toBeTypeOf('string')
  })

  it('sees a connector that was only copied into a plug-in folder, source or compiled, down to its settings', async () => {
    write('connectors/throwaway/connector.js', connector())
    write('connectors/typed/connector.ts', connector() + 'export const colours: string[] = []\n')
    const connectors = await discoverConnectors(foldersOf('connectors', pluginFolders(folder)))
    expect(connectors.get('throwaway')?.title).toBe('Throw-away')
    expect(connectors.get('typed')?.title).toBe('Throw-away')
    expect(connectors.has('files')).toBe(true)
    const text = 'platforms:\n  toy:\n    connector: throwaway\n    role: crm\n    config: { colour: gren }\n'
    const { problems } = loadText('plumbline.yaml', text, { env: {}, connectors })
    expect(formatProblems(problems)).toBe(
      'plumbline.yaml:5:23 platforms.toy.config.colour: "gren" is not allowed here; one of red, green; did you mean "green"?',
    )
    const loaded = loadText('plumbline.yaml', text.replace('gren', 'green'), { env: {}, connectors })
    expect(loaded.problems).toEqual([])
    expect(loaded.landscape?.keeps('toy', 'customer')).toBe(true)
    expect(loaded.landscape?.keeps('toy', 'invoice')).toBe(false)
  })

  it('leaves folders without a connector alone', async () => {
    write('connectors/fixtures/readme.txt', 'nothing')
    expect([...(await discoverConnectors([join(folder, 'connectors')])).keys()]).toEqual([])
  })

  it.each([
    ['that does not load', `throw new Error('no luck')`, 'cannot be loaded: no luck.'],
    ['without a default export', `export const title = 'x'`, 'has no default export.'],
    [
      'that lacks parts',
      `export default { title: 'x', streams: [] }`,
      'is no connector: it lacks config (a zod schema), ping (a function), limits, lagMs (milliseconds).',
    ],
    [
      'with a kind that does not exist',
      connector(`[{ name: 'a', kind: 'custmer', holds: [] }]`),
      'stream a: there is no kind "custmer"; did you mean "customer"?',
    ],
    [
      'with a field that does not exist',
      connector(`[{ name: 'a', kind: 'customer', holds: ['nmae'] }]`),
      'stream a: customer has no field "nmae"; did you mean "name"?',
    ],
    [
      'with two streams of one name',
      connector(`[{ name: 'a', kind: 'customer', holds: [] }, { name: 'a', kind: 'order', holds: [] }]`),
      'has two streams named a.',
    ],
  ])('names the file of a plug-in %s', async (title, text, problem) => {
    const file = write(`connectors/bad-${title.replaceAll(/\W+/g, '-')}/connector.js`, text)
    const error = await refusal(() => discoverConnectors([join(folder, 'connectors')]))
    expect(error.message).toBe(`${file} ${problem}`)
    expect(error).toMatchObject({ code: 'config', file })
    expect(error.remedy).toBeTypeOf('string')
  })

  it('refuses two connectors of one name', async () => {
    write('connectors/files/connector.js', connector())
    const error = await refusal(() => discoverConnectors(foldersOf('connectors', [folder])))
    expect(error.message).toContain('has the same name as')
  })

  it('refuses a plug-in folder that does not exist', async () => {
    const gone = join(folder, 'gone')
    expect(pluginFolders(`${folder}${delimiter}${gone}${delimiter}`)).toEqual([folder, gone])
    expect((await refusal(() => foldersOf('checks', [gone]))).message).toBe(
      `The plug-in folder ${gone} does not exist.`,
    )
  })
})
