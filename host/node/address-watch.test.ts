import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HOST_ADDRESS_POLL_MS } from '../../shared/wire/limits.ts'
import { AddressWatch } from './address-watch.ts'

const HOME = '192.168.1.5'
const CAFE = '10.0.0.7'

let now: readonly string[] | undefined
let heard: string[][]
let watch: AddressWatch

beforeEach(() => {
  vi.useFakeTimers()
  now = ['127.0.0.1', HOME]
  heard = []
  watch = new AddressWatch(gone => heard.push([...gone]), { read: () => now && new Set(now) })
})

afterEach(() => {
  watch.close()
  vi.useRealTimers()
})

function become(addresses: readonly string[] | undefined): void {
  now = addresses
  vi.advanceTimersByTime(HOST_ADDRESS_POLL_MS)
}

describe('the watch over the addresses of this machine', () => {
  it('says nothing while they are the same, in whatever order', () => {
    become([HOME, '127.0.0.1'])
    expect(heard).toEqual([])
  })

  it.each([
    ['tells which are gone', ['127.0.0.1'], [HOME]],
    ['tells which are gone when another came', ['127.0.0.1', CAFE], [HOME]],
    ['tells that others came', ['127.0.0.1', HOME, CAFE], []],
    ['tells that none are left', [], ['127.0.0.1', HOME]],
  ])('%s', (_, addresses, gone) => {
    become(addresses)
    expect(heard).toEqual([gone])
    become(addresses)
    expect(heard).toHaveLength(1)
  })

  it('takes what cannot be known for unchanged', () => {
    become(undefined)
    become(['127.0.0.1', HOME])
    expect(heard).toEqual([])
    become(undefined)
    become(['127.0.0.1'])
    expect(heard).toEqual([[HOME]])
  })

  it('begins with the first addresses that can be known', () => {
    watch.close()
    now = undefined
    watch = new AddressWatch(gone => heard.push([...gone]), { read: () => now && new Set(now) })
    become([HOME])
    expect(heard).toEqual([])
    become([CAFE])
    expect(heard).toEqual([[HOME]])
  })

  it('says nothing once closed', () => {
    watch.close()
    become([])
    expect(heard).toEqual([])
  })

  it('asks the system', () => {
    watch.close()
    watch = new AddressWatch(gone => heard.push([...gone]))
    vi.advanceTimersByTime(HOST_ADDRESS_POLL_MS)
    expect(heard).toEqual([])
  })
})
