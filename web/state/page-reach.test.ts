import { describe, expect, it } from 'vitest'
import { isThisDeviceOnly } from './page-reach.ts'

describe('an address of this device only', () => {
  it.each([
    'http://localhost:8080',
    'http://LOCALHOST',
    'http://ada.localhost:8080',
    'http://127.0.0.1:8080',
    'http://127.1.2.3',
    'http://[::1]:8080',
    'http://[::]:8080',
    'http://0.0.0.0:8080',
  ])('%s', url => {
    expect(isThisDeviceOnly(new URL(url).hostname)).toBe(true)
  })

  it.each([
    'https://relay.example',
    'https://localhost.example',
    'https://notlocalhost',
    'http://192.168.1.7:8080',
    'http://1.27.0.0',
    'http://[fe80::1]:8080',
    'http://[::1:1]',
    'https://127.0.0.1.example',
  ])('not %s', url => {
    expect(isThisDeviceOnly(new URL(url).hostname)).toBe(false)
  })
})
