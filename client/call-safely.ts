// Calls what an application gave us to call.

/** A listener that throws is its owner's fault: it is reported as uncaught, and the others are told. */
export function callSafely<T>(listener: (value: T) => void, value: T): void {
  try {
    listener(value)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
