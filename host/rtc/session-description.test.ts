import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex } from '../../shared/bytes/hex.ts'
import { fingerprintOf, isForDataOnly, withoutCandidates } from './session-description.ts'

const HEX = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'
const VALUE = HEX.replace(/..(?=.)/g, '$&:').toUpperCase()
const OTHER = VALUE.replace('00', '01')

const lines = (...all: string[]): string => all.map(line => `${line}\r\n`).join('')
const LINE = `a=fingerprint:sha-256 ${VALUE}`

describe('the fingerprint of a description', () => {
  it.each([
    ['at session level', lines('v=0', LINE, 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel')],
    ['in a media section', lines('v=0', 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel', LINE)],
    ['in both, the same', lines('v=0', LINE, 'm=application 9 x y', LINE)],
    ['in lower case', lines('v=0', LINE.toLowerCase())],
    ['in upper case', lines('v=0', `a=fingerprint:SHA-256 ${VALUE}`)],
    ['with bare line feeds', `v=0\n${LINE}\n`],
    ['in the last line, unended', `v=0\r\n${LINE}`],
  ])('is found %s', (_, sdp) => {
    expect(fingerprintOf(sdp)).toEqual(fromHex(HEX))
  })

  it.each([
    ['is missing', lines('v=0', 's=-')],
    ['is of SHA-1', lines('v=0', `a=fingerprint:sha-1 ${VALUE.slice(0, 59)}`)],
    [
      'is one of two hashes',
      lines('v=0', LINE, `a=fingerprint:sha-384 ${VALUE}:${VALUE.slice(0, 47)}`),
    ],
    [
      'differs between sections',
      lines('v=0', LINE, 'm=application 9 x y', `a=fingerprint:sha-256 ${OTHER}`),
    ],
    ['is too short', lines('v=0', LINE.slice(0, -3))],
    ['is too long', lines('v=0', `${LINE}:00`)],
    ['has no colons', lines('v=0', `a=fingerprint:sha-256 ${HEX}`)],
    ['has no hash', lines('v=0', `a=fingerprint:${VALUE}`)],
    ['is followed by something', lines('v=0', `${LINE} x`)],
    ['has a malformed one beside it', lines('v=0', LINE, 'a=fingerprint:')],
    ['is hidden behind a carriage return', `v=0\r\n${LINE}\ra=fingerprint:sha-256 ${OTHER}\r\n`],
  ])('counts for nothing when it %s', (_, sdp) => {
    expect(fingerprintOf(sdp)).toBeUndefined()
  })

  it('is looked for in anything', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        expect(fingerprintOf(text)).toBeUndefined()
      }),
      { seed: 7 },
    )
  })
})

it('drops candidates, which are told apart, and the mark of their end', () => {
  const kept = lines('v=0', LINE, 'm=application 9 x y', 'a=mid:0')
  const host = 'a=candidate:1 1 UDP 2122252543 192.0.2.7 50000 typ host'
  expect(withoutCandidates(`${kept}${lines(host, 'a=end-of-candidates')}`)).toBe(kept)
})

it.each([
  ['data', ['m=application 9 UDP/DTLS/SCTP webrtc-datachannel'], true],
  ['sound', ['m=audio 9 UDP/TLS/RTP/SAVPF 111'], false],
  [
    'data and pictures',
    ['m=application 9 x y', 'a=mid:0', 'M=video 9 UDP/TLS/RTP/SAVPF 96'],
    false,
  ],
])('knows what is for %s', (_, sections, isData) => {
  expect(isForDataOnly(lines('v=0', LINE, ...sections))).toBe(isData)
})
