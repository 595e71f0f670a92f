/** Messages of schemas in English; the small zod has none of its own. Imported where a schema's own message is shown. */
import { config } from 'zod/mini'
import en from 'zod/v4/locales/en.js'

config(en())
