import { describe, expect, it } from 'vitest'
import { hostRange } from './host-range.ts'

describe('the range of a host', () => {
  it.each(['localhost', 'a.localhost', '127.0.0.1', '127.255.255.254', '[::1]'])(
    '%s is this machine',
    host => expect(hostRange(host)).toBe('loopback'),
  )

  it.each([
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '100.127.255.255',
    '0.0.0.0',
    '[fd00::1]',
    '[fc12:3456::1]',
    '[fe80::1]',
    '[::]',
    '[::ffff:a00:1]',
    'printer.local',
    'server.home.arpa',
  ])('%s is a network of ours', host => expect(hostRange(host)).toBe('private'))

  it.each([
    '1.2.3.4',
    '172.15.0.1',
    '172.32.0.1',
    '100.63.0.1',
    '100.128.0.1',
    '192.169.0.1',
    '11.0.0.1',
    '[2001:db8::1]',
    'one.example',
    '10.example',
    'localhost.example',
    'local.example',
  ])('%s is anywhere', host => expect(hostRange(host)).toBe('public'))
})
