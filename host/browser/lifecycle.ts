// Moments at which a page should look for its servers at once: back online, shown again, thawed, or
// restored from the back/forward cache. And those at which it may be about to end. Does nothing in a worker,
// which has no window.

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

/** As `onReturn`, for moments after which the page may be gone: hidden, left, frozen. */
export function onLeave(callback: () => void): () => void {
  if (typeof document === 'undefined') return () => {}
  const onHidden = (): void => {
    if (document.visibilityState === 'hidden') callback()
  }
  globalThis.addEventListener('pagehide', callback)
  document.addEventListener('visibilitychange', onHidden)
  document.addEventListener('freeze', callback)
  return () => {
    globalThis.removeEventListener('pagehide', callback)
    document.removeEventListener('visibilitychange', onHidden)
    document.removeEventListener('freeze', callback)
  }
}
