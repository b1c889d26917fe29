// A part of the library that is loaded on first use. In a browser that is a request, which can fail.

import { MeshError } from '../shared/node/mesh-error.ts'

/** @throws {MeshError} `UNREACHABLE` */
export async function loadPart<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw new MeshError('UNREACHABLE', 'A part of keymesh could not be loaded.', {
      cause,
      hint: 'Check your network and try again; reload the page if it was updated meanwhile.',
    })
  }
}
