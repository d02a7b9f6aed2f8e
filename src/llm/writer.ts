import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import {
  APICallError,
  generateText,
  type LanguageModel,
  NoObjectGeneratedError,
  Output,
  RetryError,
} from 'ai'
import { z } from 'zod'
import type { SkillTools, WriteRequest, Written } from '../contract/index.ts'
import { ungrounded } from './grounding.ts'
import type { Asked, Meter } from './meter.ts'
import { packContext } from './pack-context.ts'
import type { LlmSettings } from './settings.ts'

// What a server lacks is in the settings already; stderr is for what a person should know.
globalThis.AI_SDK_LOG_WARNINGS = false

export interface WriterOptions {
  meter: Meter
  /** Milliseconds since the epoch. */
  now?: () => number
  /** Told of each question, beside the meter. */
  onAsked?: (asked: Asked) => void
}

/** The fields of an answer: a model that reads mail has no tools, and says nothing but this. */
const answerFields = z.object({ answer: z.string(), sureness: z.number() })

/** A window that was named too large is made smaller by so much, and so often. */
const smaller = 0.6
const mostPackings = 5

/**
 * Writes texts with an LLM. Every text is held against its sources before anyone gets it. It never throws for what
 * the model or its server does: no text, with the reason, is an answer.
 */
export function llmWriter(settings: LlmSettings, options: WriterOptions): NonNullable<SkillTools['write']> {
  const { meter, now = Date.now, onAsked } = options
  const model = modelOf(settings)
  return async (request) => {
    const spent = await meter.spentSince(monthStart(now()))
    if (
      settings.monthlyCap > 0 ? spent >= settings.monthlyCap : settings.inputPrice + settings.outputPrice > 0
    ) {
      return {
        because: `This month's cap of ${settings.monthlyCap} for the LLM is spent (${spent.toFixed(2)}).`,
      }
    }
    const at = now()
    const started = performance.now()
    const { written, usage, tries, outcome } = await ask(model, settings, request)
    const cost = (usage.input * settings.inputPrice + usage.output * settings.outputPrice) / 1e6
    const asked: Asked = {
      task: request.task,
      provider: settings.provider,
      model: settings.model,
      at,
      ms: Math.round(performance.now() - started),
      tries,
      inputTokens: usage.input,
      outputTokens: usage.output,
      cost,
      outcome,
      because: 'because' in written ? written.because : null,
    }
    await meter.count(asked)
    onAsked?.(asked)
    return written
  }
}

function modelOf({ provider, model, baseUrl, apiKey, structured }: LlmSettings): LanguageModel {
  const access = { ...(baseUrl && { baseURL: baseUrl }), ...(apiKey && { apiKey }) }
  if (provider === 'anthropic') return createAnthropic(access)(model)
  return createOpenAICompatible({
    ...access,
    baseURL: baseUrl!,
    name: 'llm',
    supportsStructuredOutputs: structured,
  }).chatModel(model)
}

interface Answer {
  written: Written
  usage: { input: number; output: number }
  tries: number
  outcome: Asked['outcome']
}

async function ask(model: LanguageModel, settings: LlmSettings, request: WriteRequest): Promise<Answer> {
  const { timeoutSeconds, retries, answerTokens } = settings
  const usage = { input: 0, output: 0 }
  const failed = (because: string, tries: number): Answer => ({
    written: { because },
    usage,
    tries,
    outcome: 'failed',
  })
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000)
  const abortSignal = request.signal ? AbortSignal.any([timeout, request.signal]) : timeout
  let window = settings.window
  for (let tries = 1; ; tries++) {
    const packed = packContext(request, { window, answerTokens })
    if (!packed) return failed(`The message alone is too long for a window of ${window} tokens.`, tries - 1)
    try {
      const result = await generateText({
        model,
        system: packed.system,
        prompt: packed.prompt,
        output: Output.object({ schema: answerFields }),
        maxOutputTokens: answerTokens,
        temperature: 0,
        maxRetries: retries,
        abortSignal,
      })
      usage.input += result.usage.inputTokens ?? packed.tokens
      usage.output += result.usage.outputTokens ?? 0
      const { answer, sureness } = result.output
      const text = answer.trim()
      if (text === '')
        return {
          written: { because: 'The LLM had nothing to say.' },
          usage,
          tries,
          outcome: 'nothing to say',
        }
      const wrong = ungrounded(text, request)
      if (wrong) return { written: { because: wrong }, usage, tries, outcome: 'not in its sources' }
      const sure = Math.min(1, Math.max(0, Number.isFinite(sureness) ? sureness : 0))
      return { written: { text, sureness: sure, leftOut: packed.leftOut }, usage, tries, outcome: 'written' }
    } catch (error) {
      request.signal?.throwIfAborted()
      if (timeout.aborted) return failed(`The LLM did not answer within ${timeoutSeconds} seconds.`, tries)
      if (NoObjectGeneratedError.isInstance(error)) {
        usage.input += error.usage?.inputTokens ?? packed.tokens
        usage.output += error.usage?.outputTokens ?? 0
        return failed('The LLM did not answer in the fields that it was asked for.', tries)
      }
      const cause = RetryError.isInstance(error) ? error.lastError : error
      if (tries < mostPackings && isTooLong(cause)) {
        const stated = statedWindow(cause)
        window = Math.floor(stated !== null && stated < window ? stated : window * smaller)
        continue
      }
      return failed(`The LLM could not be asked: ${sentenceOf(cause)}`, tries)
    }
  }
}

/** Servers say in many ways that a question does not fit. */
function isTooLong(error: unknown): boolean {
  if (!APICallError.isInstance(error) || ![400, 413, 422].includes(error.statusCode ?? 0)) return false
  const said = `${error.message} ${error.responseBody ?? ''}`
  return (
    error.statusCode === 413 ||
    /context[_ ](?:length|window|size)|maximum (?:context|prompt)|too (?:long|many tokens|large)|exceed\w* (?:the )?(?:\w+ )?(?:context|token|length|limit)/i.test(
      said,
    )
  )
}

/** "maximum context length is 4096 tokens": the window that the server states, in tokens. */
function statedWindow(error: unknown): number | null {
  if (!APICallError.isInstance(error)) return null
  const found = /(?:context (?:length|window|size)|maximum|limit)\D{0,30}(\d{3,7})/i.exec(
    `${error.message} ${error.responseBody ?? ''}`,
  )
  return found ? Number(found[1]) : null
}

function sentenceOf(error: unknown): string {
  if (APICallError.isInstance(error)) {
    const status = error.statusCode ? `status ${error.statusCode}` : 'no answer'
    return `${new URL(error.url).host} gave ${status} (${error.message.slice(0, 120)}).`
  }
  return `${error instanceof Error ? error.message.slice(0, 160) : error}.`
}

/** The first moment of the month in UTC. */
function monthStart(now: number): number {
  const date = new Date(now)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth())
}
