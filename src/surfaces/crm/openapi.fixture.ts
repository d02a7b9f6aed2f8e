import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'

const specs = resolve(import.meta.dirname, '../../../../shared/data/specs')

/** Null where the specifications are not on this machine; what needs them says so and skips. */
export function specAt(path: string): string | null {
  const full = resolve(specs, path)
  return existsSync(full) ? full : null
}

interface Operation {
  requestBody?: { content: Record<string, { schema: object }> }
  responses: Record<string, { $ref?: string; content?: Record<string, { schema: object }> }>
  parameters?: { name: string; in: string; required?: boolean; schema: object }[]
  security?: Record<string, string[]>[]
}

export interface Checked {
  /** Template of the path, `/crm/v3/properties/{objectType}`, and what stands in its braces. */
  path: string
  parameters: Record<string, string>
  scopes: string[]
  /** What is wrong with the request; null when nothing is. */
  request(query: URLSearchParams, body: unknown): string | null
  /** Throws when the answer is not one that the vendor would give. */
  answer(status: number, body: unknown): void
}

/** Checks requests and answers against OpenAPI 3.0 files, strictly: a property that no schema knows is wrong, too. */
export function openApi(files: string[]): { operation(method: string, path: string): Checked | null } {
  const ajv = new Ajv({ strict: false, allErrors: true })
  // @ts-expect-error the types of the default export are those of CommonJS
  formats(ajv)
  const routes: {
    method: string
    template: string
    pattern: RegExp
    names: string[]
    operation: Operation
    file: string
  }[] = []
  const compiled = new Map<string, ValidateFunction>()
  for (const file of files) {
    const document = JSON.parse(readFileSync(file, 'utf8'))
    for (const schema of Object.values(
      document.components.schemas as Record<string, Record<string, unknown>>,
    )) {
      if (schema.properties && schema.additionalProperties === undefined) schema.additionalProperties = false
    }
    ajv.addSchema(document, file)
    for (const [template, methods] of Object.entries(
      document.paths as Record<string, Record<string, Operation>>,
    )) {
      const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
      const pattern = new RegExp(`^${template.replace(/\{\w+\}/g, '([^/]+)')}$`)
      for (const [method, operation] of Object.entries(methods)) {
        routes.push({ method: method.toUpperCase(), template, pattern, names, operation, file })
      }
    }
  }
  // Fixed paths before those with a name in braces.
  routes.sort((a, b) => a.names.length - b.names.length)

  function validator(file: string, pointer: string): ValidateFunction {
    const ref = `${file}#${pointer}`
    const known = compiled.get(ref) ?? ajv.compile({ $ref: ref })
    compiled.set(ref, known)
    return known
  }

  return {
    operation(method, path) {
      const route = routes.find((each) => each.method === method && each.pattern.test(path))
      if (!route) return null
      const { operation, template, file } = route
      const base = `/paths/${pointerPart(template)}/${method.toLowerCase()}`
      const [, ...found] = route.pattern.exec(path)!
      return {
        path: template,
        parameters: Object.fromEntries(
          route.names.map((name, index) => [name, decodeURIComponent(found[index]!)]),
        ),
        scopes: (operation.security ?? []).flatMap((each) => Object.values(each).flat()),
        request(query, body) {
          for (const name of query.keys()) {
            if (!operation.parameters?.some((each) => each.in === 'query' && each.name === name))
              return `no parameter ${name}`
          }
          const content = operation.requestBody?.content['application/json']
          if (!content) return body === undefined ? null : 'no body expected'
          const check = validator(file, `${base}/requestBody/content/application~1json/schema`)
          return check(body) ? null : ajv.errorsText(check.errors)
        },
        answer(status, body) {
          const own = operation.responses[String(status)]
          const pointer = own?.content
            ? `${base}/responses/${status}/content/${pointerPart(Object.keys(own.content)[0]!)}/schema`
            : '/components/responses/Error/content/*~1*/schema'
          if (own && !own.content) return
          const check = validator(file, pointer)
          if (!check(body))
            throw new Error(`The stand-in answers ${method} ${path} wrongly: ${ajv.errorsText(check.errors)}`)
        },
      }
    },
  }
}

const pointerPart = (part: string) =>
  encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')).replaceAll('%7E', '~')
