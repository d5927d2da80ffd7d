// Which places hold a term, and how much it says of each of them: BM25+ over fields of different weight.
import { surfaces, termsOf } from "./words.js"

// How soon repetition stops to count, how much length takes off, and what holding a term is worth at the least.
const [K, B, D] = [1.2, 0.5, 0.5]

/**
 * The postings of texts, each given as one text a field; a weight says how much a field counts.
 *
 * `words` are the words of the texts, each with its terms and how often it stands there; `scores` says of a term how
 * much it says of each text that holds it, by the text's number.
 */
export function postings(texts, weights) {
  // Texts repeat a few thousand words, and each is taken apart once.
  const read = new Map()
  const numbers = new Map()
  // For each term a place, a field and how often it stands there, one after the other.
  const held = []
  const times = []

  const numberOf = term => {
    let number = numbers.get(term)
    if (number === undefined) {
      numbers.set(term, (number = held.push([]) - 1))
      times.push(0)
    }
    return number
  }
  const wordOf = surface => {
    let word = read.get(surface)
    if (!word) {
      const terms = termsOf(surface)
      read.set(surface, (word = { terms, numbers: terms.map(numberOf), times: 0 }))
    }
    word.times++
    return word
  }
  const add = (text, id, field) => {
    const touched = []
    for (const surface of surfaces(text)) for (const term of wordOf(surface).numbers) if (times[term]++ === 0) touched.push(term)
    for (const term of touched) {
      held[term].push(id, field, times[term])
      times[term] = 0
    }
    return touched.length
  }

  const lengths = texts.map((fields, id) => fields.map((text, field) => add(text, id, field)))
  const means = weights.map((_, field) => lengths.reduce((sum, own) => sum + own[field], 0) / texts.length)

  return {
    words: [...read].map(([surface, word]) => [surface, word.terms, word.times]),
    scores(term) {
      const entries = held[numbers.get(term)] ?? []
      const among = weights.map(() => 0)
      for (let at = 1; at < entries.length; at += 3) among[entries[at]]++
      const rare = among.map(places => Math.log(1 + (texts.length - places + 0.5) / (places + 0.5)))
      const found = new Map()
      for (let at = 0; at < entries.length; at += 3) {
        const [id, field, often] = [entries[at], entries[at + 1], entries[at + 2]]
        const long = 1 - B + (B * lengths[id][field]) / means[field]
        const score = weights[field] * rare[field] * (D + (often * (K + 1)) / (often + K * long))
        found.set(id, (found.get(id) ?? 0) + score)
      }
      return found
    },
  }
}
