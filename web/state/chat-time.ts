// Times as people say them: `14:05`, `Today`, `Yesterday`, `3 March`. The zone and the 12 or 24 hours are the user's.

const DAY_MS = 86_400_000

export function clockTime(atMs: number): string {
  return new Date(atMs).toLocaleTimeString(undefined, { hour: 'numeric', minute: '2-digit' })
}

/** A heading for the day of a message. */
export function dayLabel(atMs: number, nowMs: number): string {
  const days = Math.round((startOfDay(nowMs) - startOfDay(atMs)) / DAY_MS)
  if (days === 0) return 'Today'
  if (days === 1) return 'Yesterday'
  const at = new Date(atMs)
  const isThisYear = at.getFullYear() === new Date(nowMs).getFullYear()
  return at.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    ...(isThisYear ? {} : { year: 'numeric' }),
  })
}

/** For a list: the time today, else the day. */
export function briefTime(atMs: number, nowMs: number): string {
  const label = dayLabel(atMs, nowMs)
  return label === 'Today' ? clockTime(atMs) : label
}

export function isSameDay(aMs: number, bMs: number): boolean {
  return startOfDay(aMs) === startOfDay(bMs)
}

function startOfDay(atMs: number): number {
  return new Date(atMs).setHours(0, 0, 0, 0)
}
