/** A region that scrolls can be reached by keyboard, but only while there is something to scroll. */
import type { Attachment } from 'svelte/attachments'

export const scrollable: Attachment<HTMLElement> = (node) => {
  const set = () => {
    if (node.scrollWidth > node.clientWidth || node.scrollHeight > node.clientHeight) node.tabIndex = 0
    else node.removeAttribute('tabindex')
  }
  const watch = new ResizeObserver(set)
  watch.observe(node)
  if (node.firstElementChild) watch.observe(node.firstElementChild)
  return () => watch.disconnect()
}
