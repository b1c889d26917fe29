import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Interrupt, untilAborted } from './interrupt.ts'

function fakeProcess() {
  const exits: number[] = []
  const fake = Object.assign(new EventEmitter(), {
    stdout: new EventEmitter(),
    stderr: new EventEmitter(),
    exit: (code: number) => exits.push(code),
  })
  const press = (signal: string) => fake.emit(signal, signal)
  return { fake, exits, press, interrupt: new Interrupt(fake as unknown as NodeJS.Process) }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

describe('Interrupt', () => {
  it.each([
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('%s ends the command in order, with exit code %i', async (signal, exitCode) => {
    const { interrupt, press, exits } = fakeProcess()
    expect(interrupt.exitCode).toBeUndefined()
    const aborted = untilAborted(interrupt.signal)
    press(signal)
    await aborted
    await untilAborted(interrupt.signal)
    expect(interrupt.exitCode).toBe(exitCode)
    expect(exits).toEqual([])
  })

  it('takes a signal that npm passes on for the one it had, and a later one seriously', () => {
    const { interrupt, press, exits } = fakeProcess()
    press('SIGINT')
    press('SIGINT')
    vi.advanceTimersByTime(1_000)
    press('SIGINT')
    expect(exits).toEqual([])
    vi.advanceTimersByTime(1)
    press('SIGTERM')
    expect(exits).toEqual([143])
    expect(interrupt.exitCode).toBe(130)
  })

  it('ends the command when its output has no reader, and does not mind if errors have none', () => {
    const { interrupt, fake } = fakeProcess()
    fake.stderr.emit('error', new Error('EPIPE'))
    expect(interrupt.signal.aborted).toBe(false)
    fake.stdout.emit('error', new Error('EPIPE'))
    expect(interrupt.exitCode).toBe(141)
  })

  it('leaves no signal listener behind, but keeps those against late errors of the output', () => {
    const { interrupt, fake } = fakeProcess()
    interrupt.dispose()
    expect(fake.eventNames()).toEqual([])
    expect(fake.stdout.listenerCount('error')).toBe(1)
  })
})
