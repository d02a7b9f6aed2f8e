import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { Command } from 'commander'

export function appsScriptCommand(): Command {
  return new Command('apps-script')
    .description(
      'Print the script that completes columns in a Google Sheet at once: paste it under Extensions, Apps Script.',
    )
    .addHelpText('after', '\nExample:\n  inlay apps-script > inlay.gs\n')
    .action(() => void process.stdout.write(appsScript()))
}

const source = resolve(import.meta.dirname, '..')

/** One file for Google's editor, which knows neither modules nor types: our programs as a function, and the script. */
export function appsScript(): string {
  const glue = readFileSync(join(source, 'surfaces/sheet/apps-script/inlay.gs'), 'utf8')
  const modules = linked(join(source, 'learn/programs/complete.ts'))
  return `${glue}
/** Completes a column from examples: the programs of Inlay, put together by 'inlay apps-script'. */
var inlayComplete = (function () {
  // What Google's engine may lack.
  var performance = { now: function () { return Date.now() } }
  if (!Array.prototype.toReversed) {
    Object.defineProperty(Array.prototype, 'toReversed', { value: function () { return this.slice().reverse() } })
  }
  var modules = {}
${modules.join('\n')}
  return modules["complete.ts"].complete
})()
`
}

/** Node warns that this may change; the tests would tell. */
function withoutTypes(code: string): string {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return stripTypeScriptTypes(code)
  } finally {
    process.emitWarning = emitWarning
  }
}

/** Each module of ours once, as a function's body, after those that it imports. */
function linked(entry: string): string[] {
  const folder = dirname(entry)
  const done = new Set<string>()
  const all: string[] = []
  function add(path: string): void {
    if (done.has(path)) return
    done.add(path)
    const code = withoutTypes(readFileSync(path, 'utf8'))
    const name = (specifier: string) => JSON.stringify(relative(folder, resolve(dirname(path), specifier)))
    const exported: string[] = []
    const body = code
      .replace(/^(import|export) \{([^}]*)\} from '([^']+)';?/gm, (_, what, names: string, from: string) => {
        add(resolve(dirname(path), from))
        const list = names
          .split(',')
          .map((each) => each.trim())
          .filter(Boolean)
        if (what === 'export') exported.push(...list)
        return `const { ${list.map((each) => each.replace(' as ', ': ')).join(', ')} } = modules[${name(from)}];`
      })
      .replace(/^export (?=(?:const|function\*?|class) (\w+))/gm, (_, own: string) => {
        exported.push(own)
        return ''
      })
      .replace(/^export \{([^}]*)\};?$/gm, (_, names: string) => {
        exported.push(
          ...names
            .split(',')
            .map((each) => each.trim())
            .filter(Boolean),
        )
        return ''
      })
    all.push(
      `  modules[${name(`./${relative(dirname(path), path)}`)}] = (function () {\n${body}\nreturn { ${exported.join(', ')} }\n})();`,
    )
  }
  add(entry)
  return all
}
