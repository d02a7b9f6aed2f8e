/**
 * What a surface keeps for itself in secret between runs: tokens that the vendor hands out anew. Encrypted at rest,
 * apart for each deployment; the last value written counts.
 */
export interface Vault {
  read(name: string): Promise<string | null>
  write(name: string, value: string): Promise<void>
}

/** A vault that ends with the process: for tests, and while a surface is only being tried. */
export function memoryVault(): Vault & { entries(): [name: string, value: string][] } {
  const values = new Map<string, string>()
  return {
    read: async (name) => values.get(name) ?? null,
    write: async (name, value) => void values.set(name, value),
    entries: () => [...values],
  }
}
