/** Check files for tests: a check from a few keys, read the way shipped ones are. */
import type { Check } from '../../server/check/contract.ts'
import { readCheck } from '../../server/check/read.ts'

const EXAMPLES = `examples:
  - { name: a, at: 2026-11-20T12:00:00Z, platforms: { crm: { role: crm } }, records: [], findings: [] }
  - { name: b, at: 2026-11-20T12:00:00Z, platforms: { crm: { role: crm } }, records: [], findings: [{ field: name }] }
`

/** `keys` are lines of YAML beside title, why, fix, severity and owner. @throws with the problems if it cannot be read. */
export function checkFile(id: string, keys: string): Check {
  const text = `title: t\nwhy: w\nfix: f\nseverity: high\nowner: o\n${keys}\n${EXAMPLES}`
  const { check, problems } = readCheck(`${id}.yaml`, id, text, undefined)
  if (!check) throw new Error(JSON.stringify(problems))
  return check
}
