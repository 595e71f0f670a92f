/** `training` of slipway.yaml. */
import * as z from 'zod/mini'
import { TRAINING_TEMPLATES } from '../templates/index.ts'
import { argv, choice, map, number, optional, orElse, share, whole, words } from './scalars.ts'
import { paramsSchema, resourcesSchema } from './serving.ts'

const MANY = Number.MAX_SAFE_INTEGER

const fieldSchema = () =>
  map('What a field of every row must be.', {
    type: optional(choice('Its JSON type.', ['string', 'number', 'integer', 'boolean', 'array', 'object'])),
    length: optional(whole('Elements of an array, or characters of a text.', { min: 0, max: MANY })),
    min: optional(number('Least value of a number, or of each number of an array.')),
    max: optional(number('Largest value of a number, or of each number of an array.')),
  })

const checksSchema = () =>
  map('Checks before a training starts; a data set that fails one stops the run with a report.', {
    rows: optional(
      map('How many rows.', {
        min: optional(whole('At least so many rows.', { min: 0, max: MANY })),
        max: optional(whole('At most so many rows.', { min: 0, max: MANY })),
      }),
    ),
    label: optional(
      map('The field that is learned.', {
        field: words('Its name in a row.'),
        minShare: optional(share('Each value must make up at least this share of the rows.')),
      }),
    ),
    fields: orElse(
      z.record(z.string(), fieldSchema()).check(z.meta({ description: 'Checks by name of the field.' })),
      {},
    ),
    duplicates: optional(
      map('Equal rows.', { max: share('At most this share of the rows may repeat an earlier one.') }),
    ),
  })

export const trainingSchema = (about: string) =>
  map(about, {
    template: optional(choice('Gives the command and the params.', TRAINING_TEMPLATES.names)),
    command: optional(
      argv("An argument vector; {data} {out} {seed} and the params are filled in. Default: the template's."),
    ),
    data: optional(
      map('The data set.', {
        path: words('File or folder, relative to slipway.yaml.'),
        checks: orElse(checksSchema(), {}),
      }),
    ),
    params: orElse(paramsSchema("Parameters of the training; --param wins. Default: the template's."), {}),
    resources: orElse(resourcesSchema, {}),
  })
