/**
 * The web component, as the script that a dashboard loads: `<inlay-summary src="…/embed/summary-file-1.json?token=…">`. Text only
 * ever becomes text; light and dark as the page is; `inlay-summary { … }` of the page may set the CSS variables.
 */
export const componentScript = `// <inlay-summary src="https://…/embed/DEPLOYMENT.json?token=…"></inlay-summary>
const sheet = \`
:host { display: block; color-scheme: light dark; font: 1rem/1.45 var(--inlay-font, system-ui, sans-serif); color: var(--inlay-ink, light-dark(#1b1f24, #e8eaed)); container-type: inline-size }
section { background: var(--inlay-paper, light-dark(#fff, #15191e)); border: 1px solid var(--inlay-edge, light-dark(#d0d7de, #30363d)); border-radius: .5rem; padding: 1rem }
p { margin: 0; overflow-wrap: anywhere }
.said { white-space: pre-line }
.note { color: var(--inlay-quiet, light-dark(#57606a, #a0a8b1)); font-size: .75rem; margin-top: .5rem }
svg { display: block; width: 100%; height: 5rem; margin-top: .5rem; overflow: visible }
path { fill: none; stroke: var(--inlay-line, light-dark(#2f6fb5, #7cb3ef)); stroke-width: 2; vector-effect: non-scaling-stroke }
[hidden] { display: none }
\`
class InlaySummary extends HTMLElement {
  static observedAttributes = ['src']
  #timer = 0
  #asked = 0
  constructor() {
    super()
    const root = this.attachShadow({ mode: 'open' })
    const style = document.createElement('style')
    style.textContent = sheet
    this.section = document.createElement('section')
    this.section.setAttribute('aria-label', 'What changed')
    this.said = Object.assign(document.createElement('p'), { className: 'said' })
    this.said.setAttribute('role', 'status')
    this.chart = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    this.chart.setAttribute('role', 'img')
    this.chart.setAttribute('preserveAspectRatio', 'none')
    this.chart.setAttribute('viewBox', '0 0 100 100')
    this.path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
    this.chart.append(this.path)
    this.note = Object.assign(document.createElement('p'), { className: 'note' })
    this.section.append(this.said, this.chart, this.note)
    root.append(style, this.section)
  }
  connectedCallback() {
    this.load()
    this.#timer = setInterval(() => document.hidden || this.load(), 60000)
  }
  disconnectedCallback() {
    clearInterval(this.#timer)
  }
  attributeChangedCallback() {
    if (this.isConnected) this.load()
  }
  async load() {
    const mine = ++this.#asked
    let shown = { text: 'The summary cannot be loaded now.', note: '', chart: null }
    try {
      const answer = await fetch(this.getAttribute('src') ?? '', { credentials: 'omit' })
      if (answer.ok) shown = await answer.json()
    } catch {}
    if (mine !== this.#asked) return
    if (this.said.textContent !== shown.text) this.said.textContent = shown.text
    this.note.textContent = shown.note
    this.note.hidden = !shown.note
    const points = shown.chart?.points ?? []
    this.chart.toggleAttribute('hidden', points.length < 2)
    if (points.length < 2) return
    const values = points.map((point) => point[1])
    const least = Math.min(...values), most = Math.max(...values)
    const first = points[0][0], span = points.at(-1)[0] - first || 1
    const y = (value) => (most === least ? 50 : 96 - ((value - least) / (most - least)) * 92)
    this.path.setAttribute('d', points.map((point, i) => (i ? 'L' : 'M') + ((point[0] - first) / span) * 100 + ' ' + y(point[1])).join(''))
    const day = (at) => new Date(at).toISOString().slice(0, 10)
    this.chart.setAttribute('aria-label', shown.chart.metric + ' from ' + day(first) + ' to ' + day(points.at(-1)[0]) + ': between ' + least + ' and ' + most + ', last ' + values.at(-1))
  }
}
if (!customElements.get('inlay-summary')) customElements.define('inlay-summary', InlaySummary)
`
