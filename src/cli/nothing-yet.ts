export const nothingYet = "Nothing is connected yet; 'inlay connect' or 'inlay start' begins."
