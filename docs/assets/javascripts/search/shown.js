// What is found, as Material's search dialog shows it.
import { ask } from "./engine.js"
import { pieces } from "./words.js"

const MOST = 50
// Of what the best place scores, less than this says nothing of the question.
const LEAST = 0.03
const EXCERPT = 180
const BEFORE = 50
const MARKED = 8

/** The answer to a query in the form of Material's worker: a group for each place, the best first, and how to go on. */
export function shown(query, ix) {
  const found = ask(query, ix)
  const best = found.find(({ exact }) => !exact)?.score ?? 0
  const kept = found.filter(({ score, exact }) => exact || score >= best * LEAST).slice(0, MOST)
  const last = query.split(/[\s-]+/).at(-1)
  return { items: kept.map(each => [item(each)]), suggest: last ? ix.lexicon.words(last).slice(0, 1) : [] }
}

function item({ place, score, hits, missed }) {
  const { at, title, within = [], text = "" } = place
  const terms = {}
  for (const { surface } of pieces(`${title} ${text}`).filter(({ terms: own }) => own?.some(term => hits.has(term))))
    if (surface.length > 1 && Object.keys(terms).length < MARKED) terms[surface] = true
  for (const word of missed) terms[word] = false
  const facts = [...within, ...called(place, hits)].map(each => `<span>${marked(each, hits)}</span>`).join(" ")
  const more = `<span class="search-excerpt">${marked(around(text, hits), hits)}</span><span class="search-facts">${facts}</span>`
  // Material shows the text of whole pages alone, so that of a section stands in its title.
  const own = at.includes("#")
  return { location: at, score, terms, title: marked(title, hits) + (own ? more : ""), text: own ? "" : more }
}

// The name that a place was found by, where what is shown of it does not say so.
function called({ title, text = "", names = [] }, hits) {
  const said = new Set(held(`${title} ${text}`, hits))
  const found = names.map(name => held(name, hits))
  const most = Math.max(...found.map(each => each.length))
  const best = found.findIndex(each => each.length === most && each.some(term => !said.has(term)))
  return best < 0 ? [] : [names[best]]
}

const held = (text, hits) => [...new Set(pieces(text).flatMap(({ terms }) => terms?.filter(term => hits.has(term)) ?? []))]

// As much of a text as a result has room for, from a little before the first word found.
function around(text, hits) {
  if (text.length <= EXCERPT) return text
  let at = 0
  for (const { surface, terms } of pieces(text)) {
    if (terms?.some(term => hits.has(term))) break
    at += surface.length
  }
  const start = at < EXCERPT - BEFORE || at >= text.length ? 0 : text.indexOf(" ", at - BEFORE) + 1
  const end = start + EXCERPT >= text.length ? text.length : text.lastIndexOf(" ", start + EXCERPT)
  return `${start ? "… " : ""}${text.slice(start, end)}${end < text.length ? " …" : ""}`
}

const marked = (text, hits) =>
  pieces(text)
    .map(({ surface, terms }) => (terms?.some(term => hits.has(term)) ? `<mark>${escaped(surface)}</mark>` : escaped(surface)))
    .join("")

const escaped = text => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;")
