/** Keyboard shortcuts: single keys, never while somebody types, never with a modifier held. */

export interface Shortcut {
  /** As `KeyboardEvent.key`, letters in any case. */
  readonly keys: readonly string[]
  readonly label: string
  readonly run: () => void
}

/** The shortcut that a key press means, or null. */
export function match(shortcuts: readonly Shortcut[], key: string): Shortcut | null {
  const wanted = key.toLowerCase()
  return shortcuts.find((shortcut) => shortcut.keys.some((one) => one.toLowerCase() === wanted)) ?? null
}

/** Listens until the returned function is called. */
export function onKey(shortcuts: () => readonly Shortcut[]): () => void {
  const listen = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return
    const target = event.target
    if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) return
    // Enter and space belong to the button that has the focus.
    if (target instanceof HTMLButtonElement && (event.key === 'Enter' || event.key === ' ')) return
    const shortcut = match(shortcuts(), event.key)
    if (!shortcut) return
    event.preventDefault()
    shortcut.run()
  }
  window.addEventListener('keydown', listen)
  return () => window.removeEventListener('keydown', listen)
}
