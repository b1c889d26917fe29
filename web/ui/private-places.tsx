// Who could stand where on a private path, and what is against each of those who cannot: a line for each.

import type { PrivatePath, PrivatePlace, RelaySetAside } from '../../client/api.ts'
import {
  PLACE_WORDS,
  setAsideWords,
  shortageWords,
  toldOf,
  untold,
} from '../../client/private-words.ts'
import { nodeName } from '../state/route-words.ts'
import { usePage } from './context.ts'

/** For each place; the others are counted. */
const MAX_SHOWN = 4

export function PrivatePlaces({ path }: { path: PrivatePath | undefined }) {
  if (path === undefined) return null
  const shortage = shortageWords(path)
  return (
    <section aria-labelledby="places-title">
      <h3 class="eyebrow" id="places-title">
        Nodes for a private path
      </h3>
      <ol class="places" data-testid="private-places">
        {path.places.map(place => (
          <Place key={place.place} place={place} told={toldOf(path, place)} />
        ))}
      </ol>
      {shortage !== undefined && <p class="faint">{shortage}</p>}
    </section>
  )
}

/** @param told the relays that cannot stand there, as far as there is something to be said of each */
function Place({ place, told }: { place: PrivatePlace; told: readonly RelaySetAside[] }) {
  const { state } = usePage()
  const { candidates, usable } = place
  const nameOf = (key: string): string => nodeName(key, state.book.value, state.serverNames.value)
  const shown = told.slice(0, MAX_SHOWN)
  // A relay that failed lately can stand there: it is not one more that cannot.
  const hidden = told.slice(MAX_SHOWN).filter(({ reason }) => reason !== 'failed')
  const more = untold(place) + hidden.length
  return (
    <li>
      <span class="route-top">
        <span class="place-name">{PLACE_WORDS[place.place]}</span>
        <span class={usable === 0 ? 'failed-text' : 'faint'}>
          {candidates === 0 ? 'none known' : `${usable} of ${candidates} can be used`}
        </span>
      </span>
      {shown.map(relay => {
        const words = `${nameOf(relay.key)} ${setAsideWords(relay, nameOf)}`
        return (
          <bdi key={relay.key} class="faint place-aside" title={words}>
            {words}
          </bdi>
        )
      })}
      {more > 0 && <span class="faint">and {more} more</span>}
    </li>
  )
}
