import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { Fault } from '../contract/index.ts'

const price = z.number().min(0).default(0)

/** How an LLM is reached, what it costs and what it may cost. Without settings there is none. */
export const llmSettings = z
  .strictObject({
    provider: z
      .enum(['openai-compatible', 'anthropic'])
      .describe(
        "'openai-compatible' is any server that speaks OpenAI's chat completions, also one on this machine",
      ),
    model: z.string().min(1).describe('the name of the model, as its server knows it'),
    baseUrl: z
      .url()
      .optional()
      .describe("where the server is, such as http://127.0.0.1:8080/v1; Anthropic's own otherwise"),
    apiKey: z
      .string()
      .min(1)
      .optional()
      .describe('its key, where it wants one; better in INLAY_LLM_API_KEY than in a file'),
    window: z
      .number()
      .int()
      .min(500)
      .default(32_000)
      .describe('tokens that fit into question and answer together'),
    answerTokens: z.number().int().min(50).default(800).describe('tokens that are kept free for the answer'),
    timeoutSeconds: z
      .number()
      .positive()
      .default(60)
      .describe('how long one question may take, with all that is tried again'),
    retries: z
      .number()
      .int()
      .min(0)
      .max(10)
      .default(2)
      .describe('how often a busy or failing server is asked again'),
    structured: z.boolean().default(true).describe('whether the server takes a JSON schema for its answer'),
    inputPrice: price.describe('price of a million tokens of the question'),
    outputPrice: price.describe('price of a million tokens of the answer'),
    monthlyCap: z
      .number()
      .min(0)
      .default(20)
      .describe('what may be spent in a calendar month (UTC), in the currency of the prices'),
  })
  .refine(({ provider, baseUrl }) => provider !== 'openai-compatible' || baseUrl, {
    message: "an 'openai-compatible' server needs its baseUrl",
    path: ['baseUrl'],
  })

export type LlmSettings = z.infer<typeof llmSettings>

/** Settings by the environment: `INLAY_LLM_MODEL`, `INLAY_LLM_BASE_URL`, … */
const fromEnvironment: Record<string, { name: keyof LlmSettings; read?: (text: string) => unknown }> = {
  INLAY_LLM_PROVIDER: { name: 'provider' },
  INLAY_LLM_MODEL: { name: 'model' },
  INLAY_LLM_BASE_URL: { name: 'baseUrl' },
  INLAY_LLM_API_KEY: { name: 'apiKey' },
  INLAY_LLM_WINDOW: { name: 'window', read: Number },
  INLAY_LLM_MONTHLY_CAP: { name: 'monthlyCap', read: Number },
}

/**
 * The settings in a JSON file, overruled by the environment. Null where neither says anything: an LLM is off by
 * default. Fault of kind `bad-input` that names the setting where one is wrong.
 */
export async function readLlmSettings(
  path: string,
  environment: Record<string, string | undefined> = process.env,
): Promise<LlmSettings | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw new Fault('bad-input', `The settings of the LLM in ${path} cannot be read (${error.code}).`, {
      cause: error,
    })
  })
  const given: Record<string, unknown> = text === null ? {} : parse(path, text)
  for (const [variable, { name, read = String }] of Object.entries(fromEnvironment)) {
    const value = environment[variable]
    if (value) given[name] = read(value)
  }
  // A key alone sets up nothing.
  if (Object.keys(given).every((name) => name === 'apiKey')) return null
  if (given.provider === undefined && given.baseUrl !== undefined) given.provider = 'openai-compatible'
  const read = llmSettings.safeParse(given)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new Fault(
    'bad-input',
    `The settings of the LLM (${path}, INLAY_LLM_…) are wrong at "${issue!.path.join('.') || 'the whole'}": ${issue!.message}.`,
  )
}

function parse(path: string, text: string): Record<string, unknown> {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Fault('bad-input', `${path} is not JSON: ${(cause as Error).message}.`, { cause })
  }
}
