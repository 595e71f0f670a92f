/** Text from outside made safe for where it goes: HTML, SVG, XML, Markdown. Controls and bidi are always visible. */
import { visible } from '../kit/text.ts'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** XML 1.0 knows no lone surrogates and no U+FFFE and U+FFFF. */
const UNWRITABLE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\ud800-\udfff]|[\ufffe\uffff]/g

/** Text and attributes of HTML, SVG and XML: plain text, whatever it holds. `lines`: its line ends stay. */
export const escaped = (text: string, { lines = false } = {}): string =>
  visible(text.replace(UNWRITABLE, '\ufffd'), { lines }).replace(/[&<>"']/g, (char) => ENTITIES[char]!)

const UNIT = /(\d) (%|pp|ms|s|min|h|d|B|KiB|MiB|GiB|TiB|kB|MB|requests?|pairs|lines|copies|gates)(?![\w])/g

/** A sentence for a browser: figures stay beside their units. */
export const prose = (text: string): string => escaped(text).replace(UNIT, '$1\u00a0$2')

/** What a person or a file named, kept apart from the direction of the text around it; visible marks in boxes. */
export const outside = (text: string): string =>
  `<bdi>${escaped(text).replace(/\[U\+[0-9A-F]{4,6}\]/g, '<span class="ctl">$&</span>')}</bdi>`

/** Text in Markdown, also in a cell of a table: nothing in it is markup. */
export const markdown = (text: string): string =>
  visible(text)
    .replace(/[\\`*_{}[\]()#+!|~>$@:-]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
