// A QR code as one SVG path, always dark on white: scanners fail on inverted codes.

import { useMemo } from 'preact/hooks'
import encodeQR from 'qr'

export interface QrCodeProps {
  readonly text: string
  readonly label: string
}

export function QrCode({ text, label }: QrCodeProps) {
  const { size, path } = useMemo(() => qrPath(text), [text])
  return (
    <svg
      class="qr-code"
      data-testid="qr"
      viewBox={`0 0 ${size} ${size}`}
      shape-rendering="crispEdges"
      role="img"
      aria-label={label}
    >
      <path d={path} />
    </svg>
  )
}

function qrPath(text: string): { size: number; path: string } {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: 2 })
  const runs: string[] = []
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      let end = x
      while (row[end] === true) end++
      if (end > x) runs.push(`M${x} ${y}h${end - x}v1H${x}z`)
      x = end
    }
  })
  return { size: rows.length, path: runs.join('') }
}
