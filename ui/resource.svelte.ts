/** A resource: something read from the API, with its four states. What was read stays shown while it is read again. */
import { asFailure, type Failure } from './api.ts'

/** A skeleton sooner than this would only flicker. */
const SKELETON_MS = 150

export class Resource<T> {
  #value = $state.raw<T | null>(null)
  #failure = $state.raw<Failure | null>(null)
  #failedAt = $state.raw<string | null>(null)
  #loading = $state(false)
  #slow = $state(false)
  #turn = 0

  get value(): T | null {
    return this.#value
  }
  get failure(): Failure | null {
    return this.#failure
  }
  get failedAt(): string | null {
    return this.#failedAt
  }
  get loading(): boolean {
    return this.#loading
  }
  /** Nothing to show yet, and long enough for people to wonder. */
  get skeleton(): boolean {
    return this.#slow && this.#value === null && this.#failure === null
  }
  set(value: T): void {
    this.#turn++
    this.#value = value
    this.#loading = false
  }
  clear(): void {
    this.#turn++
    this.#value = null
    this.#failure = null
  }

  /** Reads; of several readings that overlap only the last one counts. */
  async load(read: () => Promise<T>): Promise<void> {
    const turn = ++this.#turn
    this.#loading = true
    const timer = setTimeout(() => (this.#slow = true), SKELETON_MS)
    try {
      const value = await read()
      if (turn !== this.#turn) return
      this.#value = value
      this.#failure = null
      this.#failedAt = null
    } catch (thrown) {
      if (turn !== this.#turn) return
      this.#failure = asFailure(thrown)
      this.#failedAt ??= new Date().toISOString()
    } finally {
      clearTimeout(timer)
      if (turn === this.#turn) {
        this.#loading = false
        this.#slow = false
      }
    }
  }
}
