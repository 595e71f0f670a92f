/** Whole answers of a pair, kept with evaluation.keepAnswers. */
import * as z from 'zod/mini'
import { about, count, moment, text, yes } from './words.ts'

const whole = z.nullable(
  z.strictObject({
    status: count('Status of the answer.'),
    text: text('Its body, to 64 KiB.'),
    cut: yes('More came than is kept.'),
  }),
)
export const pair = z.strictObject({
  id: text('Request id.'),
  at: moment('When it was answered'),
  differ: yes('The two versions answered differently.'),
  baseline: about(whole, 'What the user got; null: no text or JSON.'),
  candidate: about(whole, "The candidate's copy; null: no text or JSON."),
})
