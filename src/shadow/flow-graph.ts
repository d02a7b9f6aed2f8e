/** Counts of what follows what: arcs of a directly-follows graph over symbols, sparse. */
export interface FlowGraph {
  size: number
  count: Float64Array
  outOf: Float64Array
  into: Float64Array
  /** By symbol: successor → times. */
  next: Map<number, number>[]
}

export function flowGraph(size: number, streams: readonly Int32Array[]): FlowGraph {
  const graph: FlowGraph = {
    size,
    count: new Float64Array(size),
    outOf: new Float64Array(size),
    into: new Float64Array(size),
    next: Array.from({ length: size }, () => new Map()),
  }
  for (const stream of streams) {
    for (let i = 0; i < stream.length; i++) {
      const a = stream[i]!
      graph.count[a]!++
      if (i + 1 === stream.length) continue
      const b = stream[i + 1]!
      graph.next[a]!.set(b, (graph.next[a]!.get(b) ?? 0) + 1)
      graph.outOf[a]!++
      graph.into[b]!++
    }
  }
  return graph
}

/**
 * The graph without what noise puts there: an arc stays that at least `least` times and in at least `share` of the
 * cases leaves its source or reaches its target (Leno et al. 2020, Identifying candidate routines for robotic process
 * automation from unsegmented UI logs, section 3.2, filter by frequency).
 */
export function frequentArcs(graph: FlowGraph, least: number, share: number): Map<number, number>[] {
  return graph.next.map((successors, a) => {
    const kept = new Map<number, number>()
    for (const [b, times] of successors) {
      const most = Math.max(times / graph.outOf[a]!, times / graph.into[b]!)
      if (times >= least && most >= share) kept.set(b, times)
    }
    return kept
  })
}

/** Strongly connected components (Tarjan 1972), without recursion; component number by symbol. */
export function components(next: readonly Map<number, number>[]): Int32Array {
  const size = next.length
  const order = new Int32Array(size).fill(-1)
  const low = new Int32Array(size)
  const component = new Int32Array(size).fill(-1)
  const stack: number[] = []
  let clock = 0
  let found = 0
  for (let root = 0; root < size; root++) {
    if (order[root] !== -1) continue
    const work: { node: number; successors: Iterator<number> }[] = []
    const enter = (node: number) => {
      order[node] = low[node] = clock++
      stack.push(node)
      work.push({ node, successors: next[node]!.keys() })
    }
    enter(root)
    while (work.length > 0) {
      const { node, successors } = work.at(-1)!
      const step = successors.next()
      if (!step.done) {
        const b = step.value
        if (order[b] === -1) enter(b)
        else if (component[b] === -1) low[node] = Math.min(low[node]!, order[b]!)
        continue
      }
      work.pop()
      const parent = work.at(-1)
      if (parent) low[parent.node] = Math.min(low[parent.node]!, low[node]!)
      if (low[node] !== order[node]) continue
      for (let b = stack.pop()!; ; b = stack.pop()!) {
        component[b] = found
        if (b === node) break
      }
      found++
    }
  }
  return component
}

/** exp of the entropy of shares: how many equally likely ways this is like. */
export function perplexity(times: Iterable<number>): number {
  const list = [...times]
  const total = list.reduce((sum, each) => sum + each, 0)
  let entropy = 0
  for (const each of list) entropy -= (each / total) * Math.log(each / total)
  return total === 0 ? 0 : Math.exp(entropy)
}
