/** Toasts: what was just done, with its undo for ten seconds; what failed, until it is closed. */
import { asFailure } from './api.ts'

const UNDO_MS = 10_000

export interface Toast {
  id: number
  text: string
  failed: boolean
  undo: (() => Promise<unknown>) | null
}

class Toasts {
  #list = $state.raw<Toast[]>([])
  #last = 0

  get list(): readonly Toast[] {
    return this.#list
  }
  say(text: string, undo: (() => Promise<unknown>) | null = null): void {
    const id = this.#add({ text, failed: false, undo })
    setTimeout(() => this.close(id), UNDO_MS)
  }
  fail(thrown: unknown): void {
    const failure = asFailure(thrown)
    this.#add({ text: [failure.message, failure.remedy].filter(Boolean).join(' '), failed: true, undo: null })
  }
  close(id: number): void {
    this.#list = this.#list.filter((t) => t.id !== id)
  }
  /** Takes back the last thing that can be taken back: the Z key. */
  async undoLast(): Promise<void> {
    const toast = this.#list.findLast((t) => t.undo)
    if (toast) await this.undo(toast)
  }
  async undo(toast: Toast): Promise<void> {
    this.close(toast.id)
    try {
      await toast.undo?.()
      this.say('Undone.')
    } catch (thrown) {
      this.fail(thrown)
    }
  }
  #add(toast: Omit<Toast, 'id'>): number {
    const id = ++this.#last
    this.#list = [...this.#list.slice(-3), { ...toast, id }]
    return id
  }
}

export const toasts = new Toasts()
