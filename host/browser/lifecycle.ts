// Moments at which a page should look for its servers at once: back online, shown again, thawed, or
// restored from the back/forward cache. Does nothing in a worker, which has no window.

/** @returns a function that stops listening */
export function onReturn(callback: () => void): () => void {
  if (typeof document === 'undefined') return () => {}
  const onVisible = (): void => {
    if (document.visibilityState === 'visible') callback()
  }
  globalThis.addEventListener('online', callback)
  globalThis.addEventListener('pageshow', callback)
  document.addEventListener('visibilitychange', onVisible)
  document.addEventListener('resume', callback)
  return () => {
    globalThis.removeEventListener('online', callback)
    globalThis.removeEventListener('pageshow', callback)
    document.removeEventListener('visibilitychange', onVisible)
    document.removeEventListener('resume', callback)
  }
}
