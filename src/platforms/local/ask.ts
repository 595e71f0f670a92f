/** Sends one request of an evaluation set to a server, outside the users' path. */
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Clock } from '../../io/clock.ts'
import type { SetAnswer, SetRequest } from '../contract.ts'
import { AnswerCapture } from './data-plane/answer-value.ts'

/** Never rejects: what went wrong is the answer's `fault`. `answer`: JSON pointer to the value; null: none is looked for. */
export function askServer(
  clock: Clock,
  address: string,
  request: SetRequest,
  answer: string | null,
  timeoutMs: number,
): Promise<SetAnswer> {
  const begun = clock.mono()
  const body =
    request.body === undefined || request.body === null
      ? null
      : typeof request.body === 'string'
        ? request.body
        : JSON.stringify(request.body)
  const headers: Record<string, string> = {
    ...(body === null ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
    ...request.headers,
  }
  const send = address.startsWith('https:') ? httpsRequest : httpRequest
  return new Promise((resolve) => {
    const end = (status: number | null, value: unknown, fault: string | null) =>
      resolve({ status, value, fault, ms: clock.mono() - begun })
    const sent = send(
      new URL(request.path, address),
      { method: request.method, headers, timeout: timeoutMs, agent: false },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', (error) => end(null, undefined, error.message))
        response.on('end', () => {
          const status = response.statusCode ?? 0
          if (status < 200 || status > 299) return end(status, undefined, `it answered ${status}`)
          const capture = new AnswerCapture(
            answer,
            String(response.headers['content-type'] ?? ''),
            String(response.headers['content-encoding'] ?? ''),
          )
          for (const chunk of chunks) capture.add(chunk)
          capture.finish(({ value }) =>
            end(status, value, value === undefined && answer !== null ? 'nothing at the answer pointer' : null),
          )
        })
      },
    )
    sent.on('timeout', () => sent.destroy(new Error(`no answer in ${timeoutMs / 1000} s`)))
    sent.on('error', (error) => end(null, undefined, error.message))
    sent.end(body ?? undefined)
  })
}
