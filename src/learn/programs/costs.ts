/**
 * What the parts of a program cost: roughly minus the logarithm of how often people mean them. Started by hand, then
 * learned by coordinate descent on half of the tasks of each set, for the likelihood of the right program after one
 * and two examples.
 */
export const costs = {
  atom: 1,
  // Edges of tokens.
  word: 0.99,
  alnum: 1.12,
  letters: 0.8,
  digits: 0.41,
  number: 1.38,
  upper: 1.51,
  lower: 1.2,
  proper: 2.0,
  spaces: 1.25,
  wide: 0.69,
  line: 0.8,
  mark: 2.03,
  literalMark: 0.38,
  literalWord: 2.16,
  meeting: 2.55,
  step: 0.54,
  literalStep: 0.28,
  fromEnd: 0.28,
  orEnd: 0.2,
  // Substrings between two edges.
  token: 0.86,
  field: 1.12,
  head: 0.6,
  tail: 0.6,
  free: 1.25,
  next: 0.48,
  bothLiteral: -0.73,
  brackets: -0.55,
  lengthAfter: 0.86,
  lengthBefore: 1.25,
  perLength: 0.28,
  even: 0.83,
  spaced: 1.5,
  padded: 0.55,
  absolute: 3.2,
  // Changed letters.
  lettering: 0.55,
  letteringUnseen: 1.38,
  // Edges that differ from the examples' on other rows.
  tornEdge: 2.16,
  oddEdge: 0.6,
  oddFixed: 0.2,
  // Constants.
  constant: 0.86,
  constantMark: 0.67,
  constantWord: 1.51,
  constantLetter: 0.73,
  constantNumber: 2.16,
  constantDigit: 1.25,
  constantRead: 3,
  constantTorn: 1.6,
  // Whole cells, numbers, dates.
  whole: -0.08,
  rewritten: 2.03,
  sameNumber: 0.7,
  lostDecimals: 1,
  date: 1,
  // What the outputs on the other rows say against a program.
  undefinedRow: 7.88,
  emptyRow: 4.24,
  strangeRow: 0.9,
  newSort: 1,
  unevenRow: 1.5,
  sameRow: 2.68,
  branch: 2.5,
}
