// Who I am: the own key with Copy, Share link and QR. The code is open until there is a first chat.

import { useSignal } from '@preact/signals'
import { keyGroups, shareLink, shortKey } from '../state/key-link.ts'
import { isThisDeviceOnly } from '../state/page-reach.ts'
import { usePage } from './context.ts'
import { copyText } from './copy-text.ts'
import { FlashButton } from './flash-button.tsx'
import { CopyIcon, QrIcon, ShareIcon } from './icons.tsx'
import { QrCode } from './qr-code.tsx'

export function OwnIdentity() {
  const { state, pageUrl } = usePage()
  const isOpenByUser = useSignal<boolean | undefined>(undefined)
  const key = state.ownKey.value
  const link = key === undefined ? undefined : shareLink(pageUrl, key)
  const isQrOpen = isOpenByUser.value ?? state.book.value.size === 0

  return (
    <section class="identity" aria-labelledby="own-title">
      <h2 class="eyebrow" id="own-title">
        Your key
      </h2>
      <code class="own-key" data-testid="own-key" data-key={key} title={key}>
        {key === undefined ? '\u00a0' : shortKey(key)}
      </code>
      <div class="button-row">
        <FlashButton
          testId="copy-key"
          icon={<CopyIcon />}
          label="Copy"
          doneLabel="Copied"
          failedLabel="Failed"
          isDisabled={key === undefined}
          run={async () => key !== undefined && copyText(key)}
        />
        <FlashButton
          testId="share-link"
          icon={<ShareIcon />}
          label="Share link"
          doneLabel="Link copied"
          failedLabel="Failed"
          isDisabled={link === undefined}
          dataLink={link}
          run={async () => link !== undefined && shareOrCopy(link)}
        />
        <button
          type="button"
          class="button"
          aria-expanded={isQrOpen}
          aria-controls="own-qr"
          onClick={() => {
            isOpenByUser.value = !isQrOpen
          }}
        >
          <QrIcon />
          QR
        </button>
      </div>
      {isThisDeviceOnly(new URL(pageUrl).hostname) && (
        <p class="identity-hint" data-testid="link-hint">
          This link works on this device only. Open the page by this machine’s name or address to
          share it.
        </p>
      )}
      <div id="own-qr" class="identity-qr" hidden={!isQrOpen}>
        <div class="qr-frame">
          {link !== undefined && (
            <QrCode text={link} label="QR code of your link. Scanning it opens a chat with you." />
          )}
        </div>
        {key !== undefined && (
          <p class="key-groups">
            <KeyGroups keyText={key} />
          </p>
        )}
      </div>
    </section>
  )
}

/** A whole key, in groups that break across lines but copy without spaces. */
export function KeyGroups({ keyText }: { keyText: string }) {
  return (
    <>
      {keyGroups(keyText).map((group, index) => (
        <span class="key-group" key={index}>
          {group}
        </span>
      ))}
    </>
  )
}

/** The system's share sheet where there is one (phones), else the clipboard. */
async function shareOrCopy(link: string): Promise<boolean | undefined> {
  if (!matchMedia('(pointer: coarse)').matches || navigator.share === undefined) {
    return copyText(link)
  }
  try {
    await navigator.share({ title: 'Chat with me on keymesh', url: link })
    return undefined
  } catch (error) {
    const isCancelled = error instanceof DOMException && error.name === 'AbortError'
    return isCancelled ? undefined : copyText(link)
  }
}
