import type { SlipwayError } from '../../errors.ts'
import { type Check, fail, ok } from './check.ts'

const first = ({ message }: SlipwayError): string => message.split('\n')[0] ?? message

export const config: Check = {
  name: 'config',
  needs: 'nothing',
  async run({ config: found, configError }) {
    if (configError === null && found) return [ok(`slipway.yaml of ${found.model} is valid`)]
    if (configError?.code === 'CONFIG_NOT_FOUND' || configError === null) return []
    return [fail(configError.code, first(configError), 'slipway validate')]
  },
}
