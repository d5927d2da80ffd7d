// The index of a language, and what a question finds in it.
import { inTheirWords, open, verbOf } from "./korean.js"
import { Lexicon } from "./lexicon.js"
import { near } from "./near.js"
import { postings } from "./postings.js"
import { idle, sort, words } from "./words.js"

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
// How much more a place counts that has a name which says just what was asked, in any order.
const CALLED_SO = 1
// How many places are compared word for word.
const MOST_COMPARED = 100

/** An index over places, ready to be asked. */
export function index({ places, synonyms, families }) {
  const held = postings(places.map(place => Object.keys(FIELDS).map(field => text(place[field]))), Object.values(FIELDS))
  const groups = synonyms.map(group => [...new Set(group.map(phrase))])
  const same = new Map()
  for (const group of groups) for (const each of group) same.set(each, [...(same.get(each) ?? []), ...group])
  return {
    places,
    held,
    lexicon: new Lexicon(held.words),
    families: new RegExp(`\\b(${families.join("|")})[\\s-]?0*([0-9]{1,3})\\b`, "gi"),
    same,
    canon: canon(groups),
    flat: [],
    found: new Map(),
  }
}

const phrase = said => words(said).map(word => word.terms[0]).join(" ")
const text = value => (Array.isArray(value) ? value.join(" | ") : value ?? "")

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
      const at = scores.get(id) ?? { id, place: ix.places[id], score: 0, held: 0, hits: new Set() }
      at.score += score
      at.held += unit.weight
      for (const hit of hits) at.hits.add(hit)
      scores.set(id, at)
    }
  for (const at of scores.values()) {
    at.exact = rules.some(rule => at.place.at === `rules/${rule}/`)
    at.score *= (at.held / all) ** 1.5 * KINDS[at.place.kind]
  }
  const found = [...scores.values()].sort((a, b) => b.exact - a.exact || b.score - a.score).slice(0, MOST_COMPARED)
  const asked = flat(telling(units.map(unit => unit.surface).join(" ")), ix)
  for (const at of found) {
    at.missed = units.filter(unit => !unit.found.has(at.id)).map(unit => unit.surface)
    // Of a single letter nothing is called, and the first key has its answer sooner.
    if (asked.length > 1) at.score *= closeness(asked, at.id, ix) * (1 + CALLED_SO * alike(at, units, all, ix))
  }
  return found.sort((a, b) => b.exact - a.exact || b.score - a.score)
}

// What a place is called counts most where it is just what was asked.
function closeness(asked, id, ix) {
  const { called, said } = flattened(id, ix)
  if (called.some(name => name === asked)) return CALLED
  if (called.some(name => name.includes(asked))) return PART_OF_NAME
  if (said.includes(asked)) return IN_A_ROW
  const most = Math.max(0, ...called.map(name => (name && ` ${asked} `.includes(` ${name} `) ? name.split(" ").length : 0)))
  return 1 + (HOLDS_NAME * most) / asked.split(" ").length
}

// How much of what was asked one name of a place says, and says beside nothing else: from 0 to 1, in any order.
function alike({ id, hits }, units, all, ix) {
  let best = 0
  for (const name of flattened(id, ix).terms) {
    const said = units.filter(unit => unit.found.get(id)?.hits.some(hit => name.includes(hit)))
    if (!said.length) continue
    const recall = said.reduce((sum, unit) => sum + unit.weight, 0) / all
    const [held, own] = [name.filter(term => hits.has(term)), name].map(terms => terms.reduce((sum, term) => sum + rarity(term, ix), 0))
    best = Math.max(best, recall * Math.sqrt(held / own))
  }
  return best
}

const rarity = (term, ix) => 1 + Math.log(1 + ix.places.length / (1 + (ix.lexicon.terms.get(term) ?? 0)))

function flattened(id, ix) {
  if (ix.flat[id]) return ix.flat[id]
  const { title, names = [], text = "" } = ix.places[id]
  const called = [title, ...names].map(telling)
  return (ix.flat[id] = {
    called: called.map(name => flat(name, ix)),
    terms: called.map(name => name.flatMap(word => word.terms)),
    said: flat(telling(text), ix),
  })
}

const telling = text => words(text).filter(word => !idle(word.surface))

// Words as a question is compared with them: one word for one thing.
function flat(told, { canon }) {
  const said = []
  for (let at = 0; at < told.length; ) {
    const same = canon.get(told[at].terms[0])?.find(({ other }) => other.every((term, i) => told[at + i]?.terms[0] === term))
    said.push(same ? same.term : told[at].terms[0])
    at += same ? same.other.length : 1
  }
  return said.join(" ")
}

// What stands for what, by the first word of it, the longest first.
function canon(groups) {
  const found = new Map()
  for (const [term, ...others] of groups)
    for (const other of others.map(each => each.split(" "))) found.set(other[0], [...(found.get(other[0]) ?? []), { other, term }])
  for (const each of found.values()) each.sort((a, b) => b.other.length - a.other.length)
  return found
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
    const same = (ix.same.get(phrase) ?? []).filter(each => each !== phrase)
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
  if (!ix.found.has(term)) ix.found.set(term, ix.held.scores(term))
  return ix.found.get(term)
}
