#!/usr/bin/env node
// The same as run.js from the sources, without a build and without the manifest; for work on slipway itself.
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { main } from '../src/main.ts'

process.removeAllListeners('warning')
main(process.argv.slice(2), { root: dirname(dirname(fileURLToPath(import.meta.url))), fromSource: true })
