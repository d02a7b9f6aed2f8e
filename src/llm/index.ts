export { ungrounded } from './grounding.ts'
export { type Asked, fileMeter, type Meter, memoryMeter } from './meter.ts'
export { type LlmSettings, llmSettings, readLlmSettings } from './settings.ts'
export { llmWriter } from './writer.ts'
