// Virtual time (architecture D8): events ordered by (time, sequence), so that two events at one instant
// run in the order in which they were scheduled. An indexed binary heap: a cancelled event leaves at once.

/** One thing that will happen; the handle by which it is cancelled. */
export interface ScheduledEvent {
  readonly atMs: number
  readonly sequence: number
  readonly run: () => void
}

interface Slot extends ScheduledEvent {
  /** Place in the heap; -1 once it ran or was cancelled. */
  index: number
}

export class EventQueue {
  readonly #heap: Slot[] = []
  #sequence = 0

  /** Events that are still to come. */
  get size(): number {
    return this.#heap.length
  }

  /** Events ever scheduled. */
  get scheduledCount(): number {
    return this.#sequence
  }

  schedule(atMs: number, run: () => void): ScheduledEvent {
    if (Number.isNaN(atMs)) throw new RangeError('An event needs a time.')
    const slot: Slot = { atMs, sequence: this.#sequence++, run, index: this.#heap.length }
    this.#heap.push(slot)
    this.#rise(slot)
    return slot
  }

  /** Harmless for an event that ran or was cancelled before. */
  cancel(event: ScheduledEvent): void {
    const slot = event as Slot
    if (this.#heap[slot.index] === slot) this.#remove(slot)
  }

  /** Time of the earliest event. */
  next(): number | undefined {
    return this.#heap[0]?.atMs
  }

  /** Takes the earliest event out; the caller runs it. */
  take(): ScheduledEvent | undefined {
    const first = this.#heap[0]
    if (first !== undefined) this.#remove(first)
    return first
  }

  #remove(slot: Slot): void {
    const last = this.#heap.pop()
    const index = slot.index
    slot.index = -1
    if (last === undefined || last === slot) return
    this.#put(last, index)
    this.#rise(last)
    this.#sink(last)
  }

  #rise(slot: Slot): void {
    while (slot.index > 0) {
      const parent = this.#heap[(slot.index - 1) >> 1]
      if (parent === undefined || isBefore(parent, slot)) return
      this.#swap(slot, parent)
    }
  }

  #sink(slot: Slot): void {
    for (;;) {
      const left = this.#heap[slot.index * 2 + 1]
      const right = this.#heap[slot.index * 2 + 2]
      const child =
        left !== undefined && right !== undefined && isBefore(right, left) ? right : left
      if (child === undefined || isBefore(slot, child)) return
      this.#swap(slot, child)
    }
  }

  #swap(a: Slot, b: Slot): void {
    const index = a.index
    this.#put(a, b.index)
    this.#put(b, index)
  }

  #put(slot: Slot, index: number): void {
    slot.index = index
    this.#heap[index] = slot
  }
}

function isBefore(a: Slot, b: Slot): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence)
}
