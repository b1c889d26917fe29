// Collects the outcome of every test vector: counts and failures for people, and one digest over all
// outcomes, so that two providers can be shown to agree to the byte and not merely to pass.

import { sha256 } from '@noble/hashes/sha2.js'
import { toHex } from '../../bytes/hex.ts'
import { utf8Encode } from '../../bytes/utf8.ts'

export interface GroupReport {
  readonly name: string
  readonly total: number
  readonly passed: number
  /** `id: outcome` of each vector that did not give what it should. */
  readonly failures: readonly string[]
}

export interface VectorReport {
  readonly groups: readonly GroupReport[]
  readonly total: number
  readonly passed: number
  /** SHA-256, hex, over group, id and outcome of every vector in order. */
  readonly digest: string
}

/** What a vector came to: bytes, a yes or no, or a refusal. */
export type Outcome = Uint8Array | boolean | undefined

export class Verdicts {
  readonly #groups: { name: string; total: number; failures: string[] }[] = []
  readonly #hash = sha256.create()

  group(name: string): void {
    this.#groups.push({ name, total: 0, failures: [] })
  }

  /** Notes one outcome of the current group and whether it is the right one. */
  note(id: string | number, outcome: Outcome, isRight: boolean): void {
    const group = this.#groups.at(-1)
    if (group === undefined) throw new Error('no group was begun')
    const line = `${id}: ${textOf(outcome)}`
    this.#hash.update(utf8Encode(`${group.name} ${line}\n`))
    group.total++
    if (!isRight) group.failures.push(line)
  }

  /** Notes an outcome that should be `expected`, given as hex for bytes. */
  expect(id: string | number, outcome: Outcome, expected: string | boolean | undefined): void {
    this.note(id, outcome, textOf(outcome) === textOf(expected))
  }

  report(): VectorReport {
    const groups = this.#groups.map(({ name, total, failures }) => ({
      name,
      total,
      passed: total - failures.length,
      failures,
    }))
    return {
      groups,
      total: sum(groups.map(group => group.total)),
      passed: sum(groups.map(group => group.passed)),
      digest: toHex(this.#hash.clone().digest()),
    }
  }
}

/** The result of `act`, or `undefined` where it refuses its arguments with a RangeError. */
export function refusable<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function textOf(value: Outcome | string): string {
  if (typeof value === 'string') return value
  return value instanceof Uint8Array ? toHex(value) : String(value ?? 'refused')
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
