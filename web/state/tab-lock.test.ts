import { afterEach, describe, expect, it, vi } from 'vitest'
import { FakeLocks } from '../testing/fake-locks.ts'
import { createTabLock } from './tab-lock.ts'

const never = () => new Promise<void>(() => {})

function tabs(count: number) {
  const locks = new FakeLocks()
  return Array.from({ length: count }, () => {
    const tab = { lock: createTabLock(locks.manager, locks.channel()), lost: vi.fn(async () => {}) }
    return { ...tab, claim: (isTakeover: boolean) => tab.lock.claim(isTakeover, tab.lost) }
  }) as [Tab, Tab, Tab]
}

interface Tab {
  readonly lock: ReturnType<typeof createTabLock>
  readonly lost: ReturnType<typeof vi.fn<() => Promise<void>>>
  readonly claim: (isTakeover: boolean) => Promise<boolean>
}

describe('createTabLock', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('lets the first tab run and not the second', async () => {
    const [one, two] = tabs(2)
    expect(await one.claim(false)).toBe(true)
    expect(await two.claim(false)).toBe(false)
    expect(one.lost).not.toHaveBeenCalled()
  })

  it('lets the next one run after a release', async () => {
    const [one, two] = tabs(2)
    await one.claim(false)
    one.lock.release()
    await vi.waitFor(async () => expect(await two.claim(false)).toBe(true))
  })

  it('hands over: the old tab finishes before the new one starts', async () => {
    const [one, two] = tabs(2)
    let finish = () => {}
    one.lost.mockImplementation(
      () =>
        new Promise<void>(resolve => {
          finish = resolve
        }),
    )
    await one.claim(false)
    let isGranted = false
    const claim = two.claim(true).then(granted => {
      isGranted = granted
    })
    await new Promise(resolve => setImmediate(resolve))
    expect(one.lost).toHaveBeenCalledOnce()
    expect(isGranted).toBe(false)
    finish()
    await claim
    expect(isGranted).toBe(true)
  })

  it('takes the lock from a tab that does not answer', async () => {
    vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => {
      const controller = new AbortController()
      queueMicrotask(() => controller.abort(new DOMException('late', 'TimeoutError')))
      return controller.signal
    })
    const [one, two] = tabs(2)
    one.lost.mockImplementation(never)
    await one.claim(false)
    expect(await two.claim(true)).toBe(true)
    expect(one.lost).toHaveBeenCalledOnce()
  })

  it('goes back and forth', async () => {
    const [one, two] = tabs(2)
    await one.claim(false)
    expect(await two.claim(true)).toBe(true)
    expect(await one.claim(false)).toBe(false)
    expect(await one.claim(true)).toBe(true)
    expect(two.lost).toHaveBeenCalledOnce()
    expect(one.lost).toHaveBeenCalledOnce()
  })

  it('only the holder hears a handover', async () => {
    const [one, two, three] = tabs(3)
    await one.claim(false)
    await two.claim(false)
    expect(await three.claim(true)).toBe(true)
    expect(one.lost).toHaveBeenCalledOnce()
    expect(two.lost).not.toHaveBeenCalled()
  })

  it('every tab runs where there are no locks', async () => {
    const lock = createTabLock(undefined, new FakeLocks().channel())
    expect(await lock.claim(false, never)).toBe(true)
    lock.release()
  })
})
