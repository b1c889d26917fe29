// Moments at which a page should look for its servers at once: back online, shown again, thawed, or
// restored from the back/forward cache. And those at which it may be about to end. Does nothing in a worker,
// which has no window.

/** @returns a function that stops listening */
export function onReturn(callback: () => void): () => void {
  return onMoments(callback, ['online', 'pageshow'], 'resume', 'visible')
}

/** As `onReturn`, for moments after which the page may be gone: hidden, left, frozen. */
export function onLeave(callback: () => void): () => void {
  return onMoments(callback, ['pagehide'], 'freeze', 'hidden')
}

/** As `onReturn`, for moments after which the page runs nothing more, unless `onThaw` is called: left, frozen. */
export function onFreeze(callback: () => void): () => void {
  return onMoments(callback, ['pagehide'], 'freeze')
}

/** The page runs again. */
export function onThaw(callback: () => void): () => void {
  return onMoments(callback, ['pageshow'], 'resume')
}

function onMoments(
  callback: () => void,
  ofWindow: readonly string[],
  ofDocument: string,
  visibility?: DocumentVisibilityState,
): () => void {
  if (typeof document === 'undefined') return () => {}
  const onVisibility = (): void => {
    if (document.visibilityState === visibility) callback()
  }
  for (const type of ofWindow) globalThis.addEventListener(type, callback)
  document.addEventListener('visibilitychange', onVisibility)
  document.addEventListener(ofDocument, callback)
  return () => {
    for (const type of ofWindow) globalThis.removeEventListener(type, callback)
    document.removeEventListener('visibilitychange', onVisibility)
    document.removeEventListener(ofDocument, callback)
  }
}
