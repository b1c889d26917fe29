// One time limit over several steps of a command.

export interface Deadline {
  /** At least 1, so that a step after the end fails by its own timeout and says what it waited for. */
  leftMs(): number
}

export function deadlineIn(
  timeoutMs: number,
  now: () => number = () => performance.now(),
): Deadline {
  const endMs = now() + timeoutMs
  return { leftMs: () => Math.max(1, Math.ceil(endMs - now())) }
}
