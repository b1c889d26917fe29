// Times and speeds as people read them. Pure.

/** How long ago something was. */
export function agoText(ms: number): string {
  const s = Math.round(ms / 1000)
  if (s < 0) return 'in the future'
  if (s < 120) return `${s} s ago`
  if (s < 7_200) return `${Math.round(s / 60)} min ago`
  return s < 172_800 ? `${Math.round(s / 3_600)} h ago` : `${Math.round(s / 86_400)} days ago`
}

/** `0.4 ms`, `23 ms`, `1.2 s`: two digits that count. */
export function durationText(ms: number): string {
  if (ms < 10) return `${oneDigit(ms)} ms`
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${oneDigit(ms / 1000)} s`
}

export function speedText(bytesPerS: number): string {
  if (bytesPerS >= 1e6) return `${oneDigit(bytesPerS / 1e6)} MB/s`
  return bytesPerS >= 1e3 ? `${Math.round(bytesPerS / 1e3)} kB/s` : `${Math.round(bytesPerS)} B/s`
}

/** In units of 1,024. */
export function bytesText(bytes: number): string {
  if (bytes >= 2 ** 30) return `${oneDigit(bytes / 2 ** 30)} GiB`
  if (bytes >= 2 ** 20) return `${oneDigit(bytes / 2 ** 20)} MiB`
  return bytes >= 2 ** 10 ? `${oneDigit(bytes / 2 ** 10)} KiB` : `${bytes} B`
}

/** `1 hop`, `2 hops`. */
export function countText(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}

function oneDigit(value: number): string {
  return String(Math.round(value * 10) / 10)
}
