import { afterEach, expect, it, vi } from 'vitest'
import { hasWebRtc } from './has-webrtc.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

it('is so where a connection can be made, which is closed again', () => {
  const close = vi.fn()
  vi.stubGlobal(
    'RTCPeerConnection',
    class {
      close = close
    },
  )
  expect(hasWebRtc()).toBe(true)
  expect(close).toHaveBeenCalledOnce()
})

it('is not so where there is no such thing', () => {
  vi.stubGlobal('RTCPeerConnection', undefined)
  expect(hasWebRtc()).toBe(false)
})

it('is not so where it is there and refuses', () => {
  vi.stubGlobal(
    'RTCPeerConnection',
    class {
      constructor() {
        throw new DOMException('switched off by the administrator', 'UnknownError')
      }
    },
  )
  expect(hasWebRtc()).toBe(false)
})
