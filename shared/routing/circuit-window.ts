// Flow control of one direction of a circuit (docs/PROTOCOL.md 6), counted in units. Every time the sent
// total reaches or passes a multiple of CIRCUIT_CREDIT_UNITS, that cell's 16-byte tag becomes a mark;
// the receiver returns it in a credit. Only who opened the cell knows the tag in its layer, so a credit
// for cells that were not read is refused. Credits themselves weigh nothing.

import { equalBytes } from '../bytes/equal.ts'
import { LARGE_CELL } from '../wire/circuit-cells.ts'
import { CIRCUIT_CREDIT_UNITS, CIRCUIT_WINDOW_UNITS, LARGE_CELL_UNITS } from '../wire/limits.ts'

/** What a cell weighs. */
export function unitsOf(cell: Uint8Array): number {
  return cell.length === LARGE_CELL ? LARGE_CELL_UNITS : 1
}

export class SendWindow {
  #sentUnits = 0
  #creditedUnits = 0
  /** Tags that credits must carry, oldest first: at most window / credit of them. */
  readonly #marks: Uint8Array[] = []

  /** Units that may be sent now. */
  get room(): number {
    return CIRCUIT_WINDOW_UNITS - (this.#sentUnits - this.#creditedUnits)
  }

  /** A data cell went out. The caller keeps to `room`. `tag` is kept, not copied. */
  sent(units: number, tag: Uint8Array): void {
    if (passesMark(this.#sentUnits, units)) this.#marks.push(tag)
    this.#sentUnits += units
  }

  /** @returns false when the credit is not for the oldest mark: destroy the circuit. */
  credit(tag: Uint8Array): boolean {
    const [mark] = this.#marks
    if (mark === undefined || !equalBytes(mark, tag)) return false
    this.#marks.shift()
    this.#creditedUnits += CIRCUIT_CREDIT_UNITS
    return true
  }
}

export class ReceiveWindow {
  #receivedUnits = 0
  #creditedUnits = 0
  /** Tags that are due to the sender but could not be sent yet. */
  readonly #owed: Uint8Array[] = []

  /** A data cell came in. `tag` is copied. @returns false when the sender overran its window. */
  received(units: number, tag: Uint8Array): boolean {
    if (passesMark(this.#receivedUnits, units)) this.#owed.push(tag.slice())
    this.#receivedUnits += units
    return this.#receivedUnits - this.#creditedUnits <= CIRCUIT_WINDOW_UNITS
  }

  /** The next credit to send, if one is due. */
  takeCredit(): Uint8Array | undefined {
    const tag = this.#owed.shift()
    if (tag !== undefined) this.#creditedUnits += CIRCUIT_CREDIT_UNITS
    return tag
  }
}

function passesMark(totalUnits: number, units: number): boolean {
  return (totalUnits % CIRCUIT_CREDIT_UNITS) + units >= CIRCUIT_CREDIT_UNITS
}
