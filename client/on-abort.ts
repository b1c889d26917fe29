// Listens to AbortSignals, with one listener for each signal however many requests share it: Node warns
// of a leak from the eleventh on.

const callbacksOf = new WeakMap<AbortSignal, Set<() => void>>()

/** Calls back once when the signal is aborted, which it is not yet. @returns stops listening */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const callbacks = callbacksOf.get(signal) ?? listen(signal)
  callbacks.add(callback)
  return () => callbacks.delete(callback)
}

function listen(signal: AbortSignal): Set<() => void> {
  const callbacks = new Set<() => void>()
  callbacksOf.set(signal, callbacks)
  const callAll = (): void => {
    for (const callback of callbacks) callback()
  }
  signal.addEventListener('abort', callAll, { once: true })
  return callbacks
}
