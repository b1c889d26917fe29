// What a scenario counts: messages per ordered pair of nodes, whether each came once and in order, and how
// long things took in virtual time. Reports are plain data, equal for equal runs.

export interface Percentiles {
  readonly count: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

export interface DeliveryReport {
  readonly sent: number
  readonly received: number
  /** Sent, never received. */
  readonly lost: number
  readonly duplicates: number
  /** Received before an earlier one of the same pair. */
  readonly outOfOrder: number
  /** Received, but never sent. */
  readonly forged: number
  /** The sender was told of the delivery. */
  readonly confirmed: number
  /** From send to receipt, virtual milliseconds. */
  readonly latencyMs: Percentiles
}

interface Flow {
  /** Send times by sequence number; removed once received. */
  readonly waiting: Map<number, number>
  nextSend: number
  highestReceived: number
}

export class Samples {
  readonly #values: number[] = []

  add(value: number): void {
    this.#values.push(value)
  }

  get count(): number {
    return this.#values.length
  }

  /** Nearest rank; zeros when nothing was measured. */
  percentiles(): Percentiles {
    const sorted = this.#values.toSorted((a, b) => a - b)
    const at = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
    return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
  }
}

export class DeliveryObserver {
  readonly #flows = new Map<string, Flow>()
  readonly #latency = new Samples()
  #sent = 0
  #received = 0
  #duplicates = 0
  #outOfOrder = 0
  #forged = 0
  #confirmed = 0

  /** @returns the sequence number within this pair, to be carried by the message */
  sent(from: string, to: string, nowMs: number): number {
    const flow = this.#flow(from, to)
    const sequence = flow.nextSend
    flow.nextSend += 1
    flow.waiting.set(sequence, nowMs)
    this.#sent += 1
    return sequence
  }

  received(from: string, to: string, sequence: number, nowMs: number): void {
    const flow = this.#flow(from, to)
    const sentAtMs = flow.waiting.get(sequence)
    if (sentAtMs === undefined) {
      if (sequence >= 0 && sequence < flow.nextSend) this.#duplicates += 1
      else this.#forged += 1
      return
    }
    flow.waiting.delete(sequence)
    this.#received += 1
    this.#latency.add(nowMs - sentAtMs)
    if (sequence < flow.highestReceived) this.#outOfOrder += 1
    flow.highestReceived = Math.max(flow.highestReceived, sequence)
  }

  confirmed(): void {
    this.#confirmed += 1
  }

  /** Messages under way. */
  get waiting(): number {
    return this.#sent - this.#received
  }

  get confirmedCount(): number {
    return this.#confirmed
  }

  report(): DeliveryReport {
    return {
      sent: this.#sent,
      received: this.#received,
      lost: this.#sent - this.#received,
      duplicates: this.#duplicates,
      outOfOrder: this.#outOfOrder,
      forged: this.#forged,
      confirmed: this.#confirmed,
      latencyMs: this.#latency.percentiles(),
    }
  }

  #flow(from: string, to: string): Flow {
    const name = `${from}>${to}`
    let flow = this.#flows.get(name)
    if (flow === undefined) {
      flow = { waiting: new Map(), nextSend: 0, highestReceived: -1 }
      this.#flows.set(name, flow)
    }
    return flow
  }
}
