import { Resvg } from '@resvg/resvg-js'
import { Fault } from '../../../contract/index.ts'

const font = { loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans', sansSerifFamily: 'DejaVu Sans' }
let fontsThere: boolean | null = null

/** An SVG as PNG, twice as fine. Throws a Fault (`unreachable`) on a machine without a font, where no word would be seen. */
export function pngOf(svg: string): Uint8Array {
  fontsThere ??=
    new Resvg('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="8">x</text></svg>', {
      font,
    }).getBBox() !== undefined
  if (!fontsThere) {
    throw new Fault(
      'unreachable',
      'This machine has no font to write with: install one (fonts-dejavu-core), or use the .svg.',
    )
  }
  return new Resvg(svg, { font, fitTo: { mode: 'zoom', value: 2 } }).render().asPng()
}
