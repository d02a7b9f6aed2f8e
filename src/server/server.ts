import swagger from '@fastify/swagger'
import Fastify, { type FastifyInstance } from 'fastify'
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Fault } from '../contract/index.ts'
import type { Ledger } from '../ledger/index.ts'
import { addAnswers, openToEverybody } from './answers.ts'
import { addEmbeds, type EmbedOptions, embedSection } from './embed.ts'
import { statusPage } from './page.ts'
import type { RoutineRow } from './routine-table.ts'
import { headings, standingRow } from './standing-table.ts'

const rowSchema = z.object(
  Object.fromEntries(Object.entries(headings).map(([name, heading]) => [name, z.string().describe(heading)])),
)

const healthSchema = z.object({
  ok: z.boolean().describe('Whether the ledger answers'),
  deployments: z.number().int().describe('How many deployments there are'),
})

export interface ServerOptions {
  ledger: Ledger
  /** Where each deployment's surface is, in words a person knows (a path), by deployment. */
  where(deployment: string): string
  /** Whether what is shown belongs to the made-up company, which is then said plainly. */
  madeUp: boolean
  /** Routines that hurt, as far as recorded work is known. */
  routines?: () => Promise<RoutineRow[]>
  /** Keeps that a routine is hated. Throws a Fault where there is no such routine. */
  hate?: (routine: string) => Promise<void>
  /** What a deployment's skill does for people, in one line. */
  about?(deployment: string): string
  /** Milliseconds since the epoch; that of the made-up company where there is one. */
  now?(): number
  /** What report deployments show, for dashboards to embed. */
  embed?: EmbedOptions
}

/** Health, the status page, and the same figures as JSON; described by OpenAPI. Listens nowhere yet. */
export async function makeServer({
  ledger,
  where,
  madeUp,
  routines,
  hate,
  about = () => '',
  now = Date.now,
  embed,
}: ServerOptions): Promise<FastifyInstance> {
  const server = Fastify({ forceCloseConnections: true })
  server.setValidatorCompiler(validatorCompiler)
  server.setSerializerCompiler(serializerCompiler)
  await server.register(swagger, {
    openapi: { info: { title: 'Inlay', version: '0.1.0' } },
    transform: jsonSchemaTransform,
  })
  server.setErrorHandler((error, _request, reply) => {
    if (hasZodFastifySchemaValidationErrors(error)) return reply.code(400).send({ error: error.message })
    const fault = error instanceof Fault && error.kind !== 'bug'
    return reply
      .code(fault ? 503 : 500)
      .send({ error: fault ? error.message : 'A fault of our own; see the log.' })
  })
  const routes = server.withTypeProvider<ZodTypeProvider>()
  const rows = async () => {
    const healths = await ledger.healths()
    return (await ledger.standing()).map((standing) =>
      standingRow(standing, where(standing.deployment), healths.get(standing.deployment)?.health),
    )
  }

  routes.get(
    '/health',
    { schema: { summary: 'Whether it runs', response: { 200: healthSchema, 503: healthSchema } } },
    async (_request, reply) => {
      try {
        return { ok: true, deployments: (await ledger.deployments()).length }
      } catch {
        return reply.code(503).send({ ok: false, deployments: 0 })
      }
    },
  )
  routes.get(
    '/standing',
    { schema: { summary: 'Where each deployment stands', response: { 200: z.array(rowSchema) } } },
    async () => (await rows()).map((row) => ({ ...row })),
  )
  const answers = {
    ledger,
    now,
    about: (id: string) => ({ about: about(id), where: where(id) || id }),
  }
  addAnswers(server, answers)
  if (embed) addEmbeds(server, embed)
  routes.get('/', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(
      statusPage(await rows(), {
        madeUp,
        routines: (await routines?.()) ?? [],
        questions: await openToEverybody(answers),
        embeds: embed ? await embedSection(embed) : '',
      }),
    ),
  )
  if (hate) {
    routes.post(
      '/routines/:routine/hate',
      {
        schema: {
          summary: 'Somebody who does this routine hates it',
          params: z.object({ routine: z.string().describe('The id of the routine') }),
        },
      },
      async (request, reply) => {
        // Only this page may say so, and not another that the browser happens to show.
        const site = request.headers['sec-fetch-site']
        if (site !== undefined && site !== 'same-origin' && site !== 'none') {
          return reply.code(403).send({ error: 'This is for the status page only.' })
        }
        await hate(request.params.routine)
        return reply.redirect('/', 303)
      },
    )
  }
  routes.get('/openapi.json', { schema: { hide: true } }, async () => server.swagger())
  return server
}

/** Listens on this machine only. Throws a Fault of kind `busy` when the port is in use. */
export async function listen(server: FastifyInstance, port: number): Promise<string> {
  try {
    return await server.listen({ host: '127.0.0.1', port })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EADDRINUSE') {
      throw new Fault(
        'busy',
        `Port ${port} is in use by another program; choose another with --port NUMBER.`,
        { cause },
      )
    }
    throw cause
  }
}
