// How much the servers of one network may say in one lookup (docs/PROTOCOL.md 4.3, threat 2): keys cost nothing,
// networks do. As many answers count as one network may have places in a table; what comes after is not
// listened to, and whom only that network has named is not asked any more.

export class NetworkVoices {
  readonly #max: number
  readonly #answers = new Map<string, number>()

  /** @param max answers of one network that count */
  constructor(max: number) {
    this.#max = max
  }

  /** One more answer from there. @returns whether it counts; one without a network always does */
  hear(network: string | undefined): boolean {
    if (network === undefined) return true
    const answers = (this.#answers.get(network) ?? 0) + 1
    this.#answers.set(network, answers)
    return answers <= this.#max
  }

  /** Whether there have been more answers than count. */
  isSilenced(network: string | undefined): boolean {
    return network !== undefined && (this.#answers.get(network) ?? 0) > this.#max
  }
}
