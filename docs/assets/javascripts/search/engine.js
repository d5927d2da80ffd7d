// The index of a language, and what a question finds in it.
import MiniSearch from "../../vendor/minisearch/index.js"
import { inTheirWords, open, verbOf } from "./korean.js"
import { near } from "./near.js"
import { idle, sort, surfaces, termsOf, words } from "./words.js"

// How much more a word counts where it stands in what a place is called.
const FIELDS = { names: 5, title: 4, within: 0.5, text: 2, more: 0.6 }
const KINDS = { rule: 1.5, section: 1, page: 1, symbol: 0.4 }

const SAME = 0.7
const BEGUN = 0.6
const MISSPELT = 0.9
const WHOLE = 1.5
// That a procedure or a reason is wanted says little of which.
const SORT = 0.3
const MOST_FORMS = 24
const HANGUL = /^[가-힣]/
const [CALLED, PART_OF_NAME, IN_A_ROW, HOLDS_NAME] = [2.5, 1.4, 1.2, 1]

/** An index over places, ready to be asked. */
export function index({ places, synonyms, families }) {
  const counted = new Map()
  const engine = new MiniSearch({
    fields: Object.keys(FIELDS),
    tokenize: text =>
      surfaces(text).flatMap(surface => {
        counted.set(surface, (counted.get(surface) ?? 0) + 1)
        return termsOf(surface)
      }),
    processTerm: term => term,
    extractField: (place, field) => (field === "names" || field === "within" ? (place[field] ?? []).join(" | ") : place[field] ?? ""),
    searchOptions: { tokenize: term => [term], boost: FIELDS, bm25: { k: 1.2, b: 0.5, d: 0.5 } },
  })
  engine.addAll(places.map((place, id) => ({ id, ...place })))
  const lexicon = new Lexicon(counted)
  const groups = synonyms.map(group => group.map(each => words(each).map(word => word.terms[0]).join(" ")))
  return {
    places,
    engine,
    lexicon,
    families: new RegExp(`\\b(${families.join("|")})[\\s-]?0*([0-9]{1,3})\\b`, "gi"),
    synonyms: groups,
    canon: groups.flatMap(([term, ...others]) => others.map(each => [each, term])),
    flat: [],
    found: new Map(),
  }
}

/** The places that answer a question, best first, each with its score, the terms found and the words missed. */
export function ask(query, ix) {
  const rules = []
  const units = understand(
    inTheirWords(query.normalize("NFC")).replace(ix.families, (_, family, number) => {
      rules.push(`${family.toUpperCase()}${number.padStart(3, "0")}`)
      return rules.at(-1)
    }),
    ix,
  )
  const scores = new Map()
  const all = units.reduce((sum, unit) => sum + unit.weight, 0)
  for (const unit of units)
    for (const [id, { score, hits }] of unit.found) {
      const at = scores.get(id) ?? { score: 0, held: 0, hits: new Set() }
      at.score += score
      at.held += unit.weight
      for (const hit of hits) at.hits.add(hit)
      scores.set(id, at)
    }
  const asked = flat(units.map(unit => unit.surface).join(" "), ix)
  for (const [id, at] of scores) {
    at.missed = units.filter(unit => !unit.found.has(id)).map(unit => unit.surface)
    at.exact = rules.some(rule => ix.places[id].at === `rules/${rule}/`)
    at.score *= (at.held / all) ** 1.5 * KINDS[ix.places[id].kind] * closeness(asked, id, ix)
  }
  return [...scores].map(([id, at]) => ({ place: ix.places[id], id, ...at })).sort((a, b) => b.exact - a.exact || b.score - a.score)
}

// What a place is called counts most where it is just what was asked.
function closeness(asked, id, ix) {
  if (asked.length < 2) return 1
  const { called, said } = (ix.flat[id] ??= flattened(ix.places[id], ix))
  if (called.includes(asked)) return CALLED
  if (called.some(name => name.includes(asked))) return PART_OF_NAME
  if (said.includes(asked)) return IN_A_ROW
  const most = Math.max(0, ...called.map(name => (name && ` ${asked} `.includes(` ${name} `) ? name.split(" ").length : 0)))
  return 1 + (HOLDS_NAME * most) / asked.split(" ").length
}

const flattened = ({ title, names = [], text = "" }, ix) => ({
  called: [title, ...names].map(name => flat(name, ix)),
  said: flat(text, ix),
})

// A text as a question is compared with it: without words that say nothing, with one word for one thing.
function flat(text, ix) {
  const told = words(text).filter(word => !idle(word.surface))
  let all = told.flatMap(word => word.terms.slice(0, 1)).join(" ")
  for (const [synonym, term] of ix.canon) all = ` ${all} `.replaceAll(` ${synonym} `, ` ${term} `).trim()
  return all
}

// Words in a row are one where a synonym has several, or where they stand joined in the texts.
function understand(query, ix) {
  const all = words(query)
  const told = all.filter(word => !idle(word.surface))
  const asked = (told.length ? told : all).flatMap(word => apart(word, ix))
  const units = []
  for (let at = 0; at < asked.length; ) {
    const { length, forms } = longest(asked, at, ix)
    const last = at + length === all.length && !/\s$/.test(query)
    const surface = asked.slice(at, at + length).map(word => word.surface).join(" ")
    const found = gathered([...forms, ...(length === 1 ? spellings(asked[at], last && at + length === asked.length, ix) : [])], ix)
    const told = length === 1 && sort(surface) ? SORT : 1
    units.push({ surface, found, weight: told * (1 + Math.log(1 + ix.places.length / (1 + found.size))) })
    at += length
  }
  // A word that stands nowhere says nothing about what is found by the others, but is told as missed.
  for (const unit of units) if (!unit.found.size) unit.weight = 0.5
  return units
}

// 외부시크릿 asks for 외부 시크릿.
function apart(word, { lexicon }) {
  // 컴포즈에서 is one with its particle, and no compound with it.
  if (lexicon.terms.has(word.terms[0])) return [word]
  const parts = lexicon.split(word.surface) ?? lexicon.split(word.terms[0])
  return parts ? parts.flatMap(words) : [word]
}

// The longest phrase from a word on that a synonym knows, with all that stands for it.
function longest(asked, at, ix) {
  for (let length = Math.min(4, asked.length - at); length > 0; length--) {
    const own = asked.slice(at, at + length).map(word => word.terms)
    const phrase = own.map(each => each[0]).join(" ")
    const same = ix.synonyms.filter(group => group.includes(phrase)).flat().filter(each => each !== phrase)
    const joined = own.map(each => each[0]).join("")
    const forms = [{ terms: own.flat(), weight: 1 }, ...same.map(each => ({ terms: each.split(" "), weight: SAME }))]
    if (length > 1 && ix.lexicon.terms.has(joined)) forms.push({ terms: [joined], weight: 1 })
    if (length === 1 || same.length || forms.length > 1) return { length, forms }
  }
}

// A word by itself: whole or in parts, joined of two, begun, misspelt.
function spellings({ surface, terms: own }, last, ix) {
  const { lexicon } = ix
  const folded = surface.toLowerCase()
  const forms = []
  if (own.length > 1) forms.push({ terms: [own[0]], weight: WHOLE })
  if (lexicon.terms.has(folded) && folded !== own[0]) forms.push({ terms: [folded], weight: 1 })
  const known = own.every(each => lexicon.terms.has(each))
  // Of a Korean word what stands without its particle may go on; apply is not the beginning of application.
  let begun = lexicon.begun(folded, HANGUL.test(folded) ? own[0] : folded)
  // While 도커 is typed it is 도컼 for a moment.
  if (!known && !begun.length) begun = lexicon.begun(open(folded))
  if (last || !known) forms.push(...begun.slice(0, MOST_FORMS).map(each => ({ terms: [each], weight: BEGUN })))
  const verb = known ? null : verbOf(folded)
  if (verb) forms.push(...lexicon.begun(verb).slice(0, MOST_FORMS).map(each => ({ terms: [each], weight: BEGUN })))
  // readness has the stem of read, and is nearer to readiness.
  if (!lexicon.surfaces.has(HANGUL.test(folded) ? own[0] : folded) && !lexicon.begun(folded).length)
    forms.push(...near(folded, lexicon.surfaces).map(({ term, far }) => ({ terms: [term], weight: MISSPELT / far })))
  return forms
}

// For each place the best of these forms; a form of several terms needs them all.
function gathered(forms, ix) {
  const best = new Map()
  for (const { terms: needed, weight } of forms) {
    const each = needed.map(term => looked(term, ix))
    const fewest = each.reduce((a, b) => (a.size <= b.size ? a : b))
    for (const id of fewest.keys()) {
      if (!each.every(found => found.has(id))) continue
      const score = (weight * each.reduce((sum, found) => sum + found.get(id), 0)) / Math.sqrt(each.length)
      const kept = best.get(id)
      if (!kept) best.set(id, { score, hits: [...needed] })
      else {
        kept.score = Math.max(kept.score, score)
        kept.hits.push(...needed)
      }
    }
  }
  return best
}

function looked(term, ix) {
  if (!ix.found.has(term)) ix.found.set(term, new Map(ix.engine.search(term).map(({ id, score }) => [id, score])))
  return ix.found.get(term)
}

// The words that stand in the places, with the terms they are looked up by.
class Lexicon {
  constructor(counted) {
    this.terms = new Map()
    this.surfaces = new Map()
    for (const [surface, times] of counted) {
      const own = termsOf(surface)
      for (const term of own) this.terms.set(term, (this.terms.get(term) ?? 0) + times)
      // Of a Korean word its stem, of any other what stands there.
      this.surfaces.set(HANGUL.test(surface) ? own[0] : surface.toLowerCase(), own[0])
    }
    this.sorted = [...this.surfaces.keys()].sort()
  }

  // The terms of the words that begin so, the most frequent first.
  begun(...starts) {
    return [...new Set(starts.flatMap(start => this.words(start).map(word => this.surfaces.get(word))))]
  }

  // The words that begin so, the most frequent first.
  words(start) {
    const found = []
    for (let at = this.after(start); at < this.sorted.length && this.sorted[at].startsWith(start); at++)
      found.push(this.sorted[at])
    const often = word => this.terms.get(this.surfaces.get(word)) ?? 0
    return start ? found.sort((a, b) => often(b) - often(a)) : []
  }

  after(start) {
    let [low, high] = [0, this.sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.sorted[middle] < start) low = middle + 1
      else high = middle
    }
    return low
  }

  // 외부시크릿 is 외부 and 시크릿, where both are words.
  split(word) {
    if (!/^[가-힣]{4,}$/.test(word) || this.terms.has(word)) return null
    let [best, most] = [null, 0]
    for (let at = 2; at <= word.length - 2; at++) {
      const [head, tail] = [word.slice(0, at), word.slice(at)]
      const least = Math.min(this.terms.get(head) ?? 0, this.terms.get(tail) ?? 0)
      if (least > most) [best, most] = [[head, tail], least]
    }
    return best
  }
}
