/** Custom fields: what a configuration maps beyond the model, kept in one map column and named `custom.<name>` everywhere. */

const NAME = /^custom\.(\w[\w -]{0,79})$/

export const isCustom = (name: string): boolean => name.startsWith('custom.')
/** True if checks can name it so. */
export const isCustomName = (name: string): boolean => NAME.test(name)

/** What columns of their own are for other fields: whether the record has it, its value, and the key that is compared. @throws on a name that is none */
export function customSql(name: string): { held: string; value: string; key: string } {
  const [, plain] = NAME.exec(name) ?? []
  if (plain === undefined) throw new Error(`${name} names no custom field`)
  const at = `custom['${plain}']`
  return {
    held: `mapContains(custom, '${plain}')`,
    value: `cast(nullIf(${at}, ''), 'Nullable(String)')`,
    key: `nullIf(trimBoth(ifNull(${at}, '')), '')`,
  }
}
