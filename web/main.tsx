// Entry of the web client.

import { connect } from './state/connect.ts'
import { mount } from './ui/mount.tsx'

const root = document.getElementById('app')
if (root !== null) mount(root, () => connect())
