/** Copying: into the clipboard, with a word about it; where the browser forbids it, what to do instead. */
import { toasts } from './toasts.svelte.ts'

export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    toasts.say(`${what} copied.`)
  } catch {
    toasts.fail(new Error('The browser does not allow copying here. Copy the address from its bar.'))
  }
}
