import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isOldFirefox, OLDEST_FIREFOX } from './browser-paths.mjs'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keymesh-browsers-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** As Debian installs it: what is started is a link into the folder of the browser. */
async function firefoxThatSays(about: string | undefined): Promise<string> {
  const library = join(folder, 'lib')
  await mkdir(library)
  await writeFile(join(library, 'firefox-esr'), '')
  if (about !== undefined) await writeFile(join(library, 'application.ini'), about)
  const program = join(folder, 'firefox-esr')
  await symlink(join(library, 'firefox-esr'), program)
  return program
}

describe("a system's Firefox", () => {
  it.each([
    ['one of before', `[App]\nVersion=${OLDEST_FIREFOX - 1}.12.0\n`, true],
    ['the oldest that will do', `[App]\nVersion=${OLDEST_FIREFOX}.0\n`, false],
    ['a nightly', '[App]\nName=Firefox\nVersion=201.0a1\n', false],
    ['one that does not say', '[App]\n', false],
    ['one that says nothing at all', undefined, false],
  ])('%s', async (_, about, isOld) => {
    expect(isOldFirefox(await firefoxThatSays(about))).toBe(isOld)
  })
})
