// What both ends of the stream of signals share (docs/PROTOCOL.md 7.8): a reliable byte stream of its own beside the
// messages, as CRYPTO of RFC 9000 19.6, in which signals lie one after the other as u16 length || bytes.

/** Bytes of the stream from offset `from` up to, not including, `to`. */
export interface SignalRun {
  readonly from: number
  readonly to: number
}

/** Of the length in front of each signal. */
export const SIGNAL_LENGTH_BYTES = 2

/** Keeps `runs` lowest first. */
export function insertRun(runs: SignalRun[], run: SignalRun): void {
  const at = runs.findIndex(other => other.from > run.from)
  runs.splice(at < 0 ? runs.length : at, 0, run)
}
