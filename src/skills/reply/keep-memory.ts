import { Fault } from '../../contract/index.ts'
import { indexFromParts, indexParts } from '../../learn/retrieval/search-index.ts'
import { type PackedArray, pack, unpack } from '../../learn/text/pack.ts'
import type { Chance } from './chance.ts'
import type { Memory } from './memory.ts'
import { type Cluster, responseSetFrom } from './response-set.ts'

interface Plain {
  asked: string[]
  answered: string[]
  told: [string, number[]][]
  clusters: Cluster[]
  repeats: number
  vocabulary: string[]
  fromTemplate: Chance | null
  fromWriter: Chance | null
  leastLikeness: number
}

const indexPrefix = 'index.'

export function saveMemory(version: number, memory: Memory): Uint8Array {
  const { responses } = memory
  const plain: Plain = {
    asked: memory.asked,
    answered: memory.answered,
    told: [...memory.told],
    clusters: responses.clusters,
    repeats: responses.repeats,
    vocabulary: [...responses.vocabulary.keys()],
    fromTemplate: memory.fromTemplate,
    fromWriter: memory.fromWriter,
    leastLikeness: memory.leastLikeness,
  }
  const starts = new Int32Array(responses.words.length + 1)
  for (const [i, words] of responses.words.entries()) starts[i + 1] = starts[i]! + words.length
  const words = new Int32Array(starts.at(-1)!)
  for (const [i, each] of responses.words.entries()) words.set(each, starts[i]!)
  const arrays: Record<string, PackedArray> = {
    group: Int32Array.from(memory.group),
    sender: Int32Array.from(memory.sender),
    answer: Int32Array.from(memory.answer),
    person: Int32Array.from(memory.person),
    cluster: Int32Array.from(responses.cluster),
    links: Int32Array.from(responses.links),
    starts,
    words,
  }
  for (const [name, part] of Object.entries(indexParts(memory.index))) arrays[indexPrefix + name] = part
  return pack(version, { plain, arrays })
}

export function loadMemory(version: number, bytes: Uint8Array): Memory {
  const { plain, arrays } = unpack(version, bytes, 'reply')
  const { asked, answered, told, clusters, repeats, vocabulary, fromTemplate, fromWriter, leastLikeness } =
    plain as Plain
  const index: Record<string, PackedArray> = {}
  for (const [name, part] of Object.entries(arrays)) {
    if (name.startsWith(indexPrefix)) index[name.slice(indexPrefix.length)] = part
  }
  const starts = arrays.starts as Int32Array
  const words = arrays.words as Int32Array
  if (!starts || !words) {
    throw new Fault(
      'bad-input',
      'The saved model of "reply" lacks a part: it must learn again from the history.',
    )
  }
  const responses = responseSetFrom({
    words: Array.from({ length: starts.length - 1 }, (_, i) => words.slice(starts[i]!, starts[i + 1]!)),
    cluster: [...arrays.cluster!],
    links: [...arrays.links!],
    clusters,
    repeats,
    vocabulary: new Map(vocabulary.map((word, number) => [word, number])),
  })
  return {
    index: indexFromParts(index),
    group: [...arrays.group!],
    sender: [...arrays.sender!],
    answer: [...arrays.answer!],
    responses,
    asked,
    person: [...arrays.person!],
    answered,
    told: new Map(told),
    fromTemplate,
    fromWriter,
    leastLikeness,
  }
}
