/** A secret: a value that prints as `[secret]` wherever it is written by accident. */
import { inspect } from 'node:util'
import { z } from 'zod'

export class Secret {
  readonly #value: string
  constructor(value: string) {
    this.#value = value
  }
  /** The value itself: call it only where it is put on the wire or into a signature. */
  reveal(): string {
    return this.#value
  }
  toString(): string {
    return '[secret]'
  }
  toJSON(): string {
    return '[secret]'
  }
  [inspect.custom](): string {
    return '[secret]'
  }
}

/** A configuration key that holds a secret. Written as `${ENV:NAME}` or `${file:/run/secrets/name}`; resolved before validation. */
export function secret(about: string) {
  return z
    .union([z.string().min(1), z.instanceof(Secret)])
    .transform((v) => (v instanceof Secret ? v : new Secret(v)))
    .describe(about)
    .meta({ secret: true })
}
