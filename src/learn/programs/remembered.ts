/**
 * A function that keeps its last answer. Programs share their parts, and are asked about one row after another: each
 * part is then worked out once a row.
 */
export function remembered<K, V>(run: (key: K) => V): (key: K) => V {
  let lastKey: K | undefined
  let last: V
  return (key) => {
    if (key !== lastKey) {
      last = run(key)
      lastKey = key
    }
    return last
  }
}
