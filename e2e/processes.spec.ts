// The helper that starts programs for tests: it hears them, stops them, and notices what stays behind.

import { describe, expect, it } from 'vitest'
import { groupIsAlive } from './fixtures/process-group.ts'
import { killLeftovers, leftovers, startProcess } from './fixtures/processes.ts'

const STAY = 'setInterval(() => {}, 1000)'
const node = (script: string) => startProcess(process.execPath, ['-e', script])

describe('startProcess', () => {
  it('hands over the first accepted JSON line, also one said before', async () => {
    const child = await node(
      `console.log('not this'); console.log('{"a":1}'); console.log('{"b":2}'); ${STAY}`,
    )
    expect(await child.jsonLine(line => 'b' in line)).toEqual({ b: 2 })
    expect(await child.jsonLine()).toEqual({ a: 1 })
    expect(child.output()).toContain('not this')
    expect(await child.stop()).toEqual({ code: null, signal: 'SIGTERM' })
  })

  it('rejects with the output when the program ends without the line', async () => {
    const child = await node('console.error("no luck"); process.exitCode = 3')
    await expect(child.jsonLine()).rejects.toThrow(/ended \(3\)\n.*no luck/s)
    expect(await child.stop()).toEqual({ code: 3, signal: null })
  })

  it('rejects when the line does not come in time', async () => {
    const child = await node(STAY)
    await expect(child.jsonLine(() => true, 50)).rejects.toThrow('in 50 ms')
    await child.stop()
  })

  it('cannot start what does not exist', async () => {
    await expect(startProcess('/nowhere/at/all', [])).rejects.toThrow('ENOENT')
  })

  it('stops grandchildren too', async () => {
    const spawnOne = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(STAY)}])`
    const child = await node(`console.log(JSON.stringify({ pid: ${spawnOne}.pid })); ${STAY}`)
    await child.jsonLine()
    await child.stop()
    expect(groupIsAlive(child.pid)).toBe(false)
  })

  it('kills and reports a program that does not end when asked', async () => {
    const child = await node(`process.on('SIGTERM', () => {}); console.log('{}'); ${STAY}`)
    await child.jsonLine()
    await expect(child.stop('SIGTERM', 100)).rejects.toThrow('still alive 100 ms after SIGTERM')
  })
})

describe('leftovers', () => {
  it('names what a test forgot, and nothing once it is killed', async () => {
    const child = await node(STAY)
    expect(leftovers()).toEqual([`${process.execPath} -e ${STAY}`])
    killLeftovers()
    expect(leftovers()).toEqual([])
    await expect.poll(() => groupIsAlive(child.pid)).toBe(false)
  })
})
