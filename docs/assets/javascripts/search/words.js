// From a text to the terms it is looked up by: the same for what is written and for what is asked.
import { stemmer } from "../../vendor/stemmer/index.js"
import { SORTS, STOPPED, stem, withoutParticles } from "./korean.js"

// A run of Hangul, or a name with the signs that join its parts.
const CHUNK = /[가-힣]+|[A-Za-z0-9]+(?:[_\-./:@+]+[A-Za-z0-9]+)*/g
const PARTS = /[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+/g

const ENGLISH = new Set(`
  a an the and or of in on at to for from by with without as is are was be been being do does did done how what when where which who whom
  whose may can could should must shall will would i we you it its they them our your my me us that this these those there here
  if then than so not no into onto about any some all each happens happen need needs have has had get go goes use using don doesn didn isn aren won can couldn shouldn wouldn s t re ve ll
`.split(/\s+/).filter(Boolean))

const WANTED = new Set("procedure steps way reason criteria list rule policy guide meaning case problem issue best practice".split(" "))

const HANGUL = /^[가-힣]/

/** The words of a text, as they stand there. */
export const surfaces = text => withoutParticles(text).match(CHUNK) ?? []

/** The words of a text: each as it stands there, and the terms it is looked up by, its own first. */
export const words = text => surfaces(text).map(surface => ({ surface, terms: termsOf(surface) }))

// Texts repeat their words, and each is taken apart once.
const known = new Map()

/** The terms that a word is looked up by, its own first. */
export function termsOf(surface) {
  let found = known.get(surface)
  if (!found) known.set(surface, (found = HANGUL.test(surface) ? [stem(surface)] : named(surface)))
  return found
}

/** A text in pieces that make it up again: its words with their terms, and what stands between them. */
export function pieces(text) {
  const found = []
  let done = 0
  for (const { 0: surface, index } of text.matchAll(CHUNK)) {
    found.push({ surface: text.slice(done, index) }, { surface, terms: termsOf(surface) })
    done = index + surface.length
  }
  return [...found, { surface: text.slice(done) }]
}

/** Whether a word says nothing of what is looked for. */
export const idle = word => {
  const folded = word.toLowerCase()
  return ENGLISH.has(folded) || STOPPED.has(folded) || STOPPED.has(stem(folded))
}

// readOnlyRootFilesystem is also found by its parts, docker-compose.yml by compose, READ-ONLY as readonly.
function named(surface) {
  const parts = (surface.match(PARTS) ?? []).map(part => part.toLowerCase())
  const whole = parts.join("")
  return parts.length > 1 ? [whole, ...parts.map(english)] : [english(whole)]
}

const english = word => (/^[a-z]+$/.test(word) && word.length > 2 ? stemmer(american(word)) : word)

// Both spellings of English have one stem: initialisation, behaviour, artefact, cancelled.
const american = word =>
  word
    .replace(/(?<=...)is(e|es|ed|ing|er|ers|ation|ations)$/, "iz$1")
    .replace(/(?<=..)our(s|ed|ing)?$/, "or$1")
    .replace(/^artefact/, "artifact")
    .replace(/^(cancel|label|model|signal)l(ed|ing)$/, "$1$2")

/** Whether a word says what sort of answer is looked for. */
export const sort = word => SORTS.has(stem(word)) || WANTED.has(word.toLowerCase().replace(/s$/, ""))
