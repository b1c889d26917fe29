// A disc in the colour of the key, with the first letter of the name that the user gave it. A key without
// a name shows no letter, so that nobody can look like a contact.

import { keyHue } from '../state/key-link.ts'

export interface AvatarProps {
  readonly keyText: string
  readonly petname: string | undefined
}

export function Avatar({ keyText, petname }: AvatarProps) {
  const letter = petname === undefined ? '?' : (Array.from(petname.toUpperCase())[0] ?? '?')
  return (
    <span
      class={petname === undefined ? 'avatar is-unnamed' : 'avatar'}
      style={{ '--hue': String(keyHue(keyText)) }}
      aria-hidden="true"
    >
      {letter}
    </span>
  )
}
