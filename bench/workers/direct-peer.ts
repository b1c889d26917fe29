// One of two processes that connect directly, with a session or with a bare data channel.

import { WebSocket as Socket } from 'ws'
import { createNode } from '../../client/node.ts'
import { directMethods } from '../direct-end.ts'
import { openBare } from '../rtc-ways.ts'
import { serve } from '../worker.ts'

const socket = (url: string) => new Socket(url) as unknown as WebSocket

serve(directMethods({ createNode, openBare, socket }))
