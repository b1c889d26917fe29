// Everything that an object holds, for tests of what a node could tell: fields private or not, maps, sets and
// arrays, all the way down. Private fields are read through the debugger's eyes (node:inspector). Functions are
// passed over: what the code is made of is no secret.

import type { Runtime } from 'node:inspector'
import { Session } from 'node:inspector'

export interface HeldState {
  /** Copies of all byte arrays, in the order they were found. */
  readonly bytes: readonly Uint8Array[]
  readonly texts: readonly string[]
  /** What kinds of things are held, how many, and how long they are: without their values. */
  readonly shape: readonly string[]
}

/** What the debugger answers, and the types of Node 20 leave out. */
interface WithPrivate {
  readonly privateProperties?: readonly {
    readonly name: string
    readonly value?: Runtime.RemoteObject
  }[]
}

const SLOT = '__keymeshHeldState'

export function heldState(root: object): HeldState {
  const bytes: Uint8Array[] = []
  const texts: string[] = []
  const shape: string[] = []
  const seen = new Set<object>()
  const debuggerSession = new Session()
  debuggerSession.connect()
  const look = (value: unknown, path: string): void => {
    if (typeof value === 'string') texts.push(value)
    if (typeof value !== 'object' || value === null) {
      if (typeof value !== 'function') shape.push(`${path} ${typeof value}`)
      return
    }
    if (seen.has(value)) return
    seen.add(value)
    if (value instanceof Uint8Array) {
      bytes.push(value.slice())
      shape.push(`${path} ${value.length} bytes`)
      return
    }
    if (ArrayBuffer.isView(value)) {
      look(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), path)
      return
    }
    if (value instanceof Map || value instanceof Set) {
      for (const [key, item] of value.entries()) {
        look(key, `${path}.key`)
        look(item, `${path}.item`)
      }
    }
    for (const [name, item] of Object.entries(value)) {
      look(item, Array.isArray(value) ? `${path}[]` : `${path}.${name}`)
    }
    for (const [name, item] of privateFields(debuggerSession, value)) look(item, `${path}.${name}`)
  }
  look(root, '')
  debuggerSession.disconnect()
  return { bytes, texts, shape: shape.toSorted() }
}

/** The values themselves, not copies. */
function privateFields(session: Session, object: object): [name: string, value: unknown][] {
  const { objectId } = remote(session, object)
  if (objectId === undefined) return []
  let found: Runtime.GetPropertiesReturnType & WithPrivate = { result: [] }
  session.post('Runtime.getProperties', { objectId, ownProperties: true }, (error, result) => {
    if (error !== null) throw new Error(error.message)
    found = result
  })
  return (found.privateProperties ?? []).map(({ name, value }) => [name, local(session, value)])
}

function remote(session: Session, object: object): Runtime.RemoteObject {
  let result: Runtime.RemoteObject = { type: 'undefined' }
  Object.assign(globalThis, { [SLOT]: object })
  session.post('Runtime.evaluate', { expression: `globalThis.${SLOT}` }, (error, answer) => {
    if (error !== null) throw new Error(error.message)
    result = answer.result
  })
  Object.assign(globalThis, { [SLOT]: undefined })
  return result
}

function local(session: Session, value: Runtime.RemoteObject | undefined): unknown {
  if (value?.objectId === undefined) return value?.value
  session.post(
    'Runtime.callFunctionOn',
    { objectId: value.objectId, functionDeclaration: `function () { globalThis.${SLOT} = this }` },
    error => {
      if (error !== null) throw new Error(error.message)
    },
  )
  const taken = (globalThis as Record<string, unknown>)[SLOT]
  Object.assign(globalThis, { [SLOT]: undefined })
  return taken
}
