/** llama-server of llama.cpp, for GGUF files. It answers /health with 503 while it loads. */
import type { ServingTemplate } from '../types.ts'

export const llamacpp: ServingTemplate = {
  name: 'llamacpp',
  command: [
    'llama-server',
    '--host',
    '{host}',
    '--port',
    '{port}',
    '--model',
    '{model}',
    '--ctx-size',
    '{ctx}',
    '--parallel',
    '{parallel}',
  ],
  readyPath: '/health',
  requests: ['POST /v1/chat/completions', 'POST /v1/completions', 'POST /completion'],
  answer: '/choices/0/message/content',
  drainMs: 300_000,
  params: { ctx: 4096, parallel: 1 },
  files: [],
}
