import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { loadPart } from './load-part.ts'

describe('loadPart', () => {
  it('gives what was loaded', async () => {
    expect(await loadPart(async () => 1)).toBe(1)
  })

  it('says what to do when it cannot be loaded', async () => {
    const cause = new TypeError('Failed to fetch dynamically imported module')
    await expect(loadPart(() => Promise.reject(cause))).rejects.toMatchObject({
      code: 'UNREACHABLE',
      cause,
    })
  })

  it.each(['browser.ts', 'node.ts'])('%s loads nothing of backups at the start', async entry => {
    const source = await readFile(new URL(entry, import.meta.url), 'utf8')
    const atStart = source.match(/^import (?!type ).*$/gm)?.join('\n') ?? ''
    expect(atStart).toContain('./load-part.ts')
    expect(atStart).not.toMatch(/backup|nacl/)
  })
})
