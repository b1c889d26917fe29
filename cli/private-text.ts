// Who could stand where on a private path, and what is against each of those who cannot. Pure.

import type { PrivatePath } from '../client/node.ts'
import {
  PLACE_WORDS,
  setAsideWords,
  shortageWords,
  toldOf,
  untold,
} from '../client/private-words.ts'
import type { NodeNames } from './node-names.ts'
import { shortKey } from './output.ts'
import { printableLine } from './printable.ts'
import type { Style } from './style.ts'
import { tableLines } from './table.ts'

const COLUMNS = [
  { title: 'place' },
  { title: 'relays', isNumber: true },
  { title: 'usable', isNumber: true },
] as const

const INDENT = '    '

export function privateLines(path: PrivatePath, names: NodeNames, style: Style): string[] {
  const { places } = path
  const nameOf = (key: string): string => names.get(key) ?? shortKey(key)
  const rows = places.map(({ place, candidates, usable }) => [
    PLACE_WORDS[place],
    String(candidates),
    String(usable),
  ])
  const [heading = '', ...lines] = tableLines(COLUMNS, rows, style)
  const below = places.map(place => {
    const told = toldOf(path, place).map(relay => {
      return `${INDENT}${nameOf(relay.key)} ${setAsideWords(relay, nameOf, printableLine)}`
    })
    const more = untold(place)
    return more > 0 ? [...told, `${INDENT}and ${more} more`] : told
  })
  const shortage = shortageWords(path) ?? []
  return [heading, ...lines.flatMap((line, at) => [line, ...(below[at] ?? [])])].concat(shortage)
}
