// Plain JavaScript that any old Node.js can read: says what is wrong with the runtime before anything newer loads.
var wanted = [22, 18]
var has = process.versions.node.split('.').map(Number)
if (has[0] < wanted[0] || (has[0] === wanted[0] && has[1] < wanted[1])) {
  console.error(
    'inlay: this is Node.js ' +
      process.versions.node +
      ', but Inlay needs ' +
      wanted.join('.') +
      ' or newer; run bin/inlay, which brings its own.',
  )
  process.exit(2)
}
// Compiled code is kept between runs where the runtime can, which halves a short run.
require('node:module').enableCompileCache()
import('../src/cli/main.ts')
