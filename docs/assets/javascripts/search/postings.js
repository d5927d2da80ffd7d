// Which places hold a term, and how much it says of each of them: MiniSearch's index, asked for one term at a time.
import MiniSearch from "../../vendor/minisearch/index.js"
import { surfaces, termsOf } from "./words.js"

/**
 * The postings of texts, each given as one text a field; a weight says how much a field counts.
 *
 * `words` are the words of the texts, each with its terms and how often it stands there; `scores` says of a term how
 * much it says of each text that holds it, by the text's number.
 */
export function postings(texts, weights) {
  // Texts repeat a few thousand words, and each is taken apart once.
  const read = new Map()
  const termsIn = surface => {
    let word = read.get(surface)
    if (!word) read.set(surface, (word = { terms: termsOf(surface), times: 0 }))
    word.times++
    return word.terms
  }
  const engine = new MiniSearch({
    fields: weights.map((_, field) => `${field}`),
    tokenize: text => surfaces(text).flatMap(termsIn),
    processTerm: term => term,
    extractField: ({ id, fields }, field) => (field === "id" ? id : fields[field]),
    searchOptions: { tokenize: term => [term], boost: { ...weights }, bm25: { k: 1.2, b: 0.5, d: 0.5 } },
  })
  engine.addAll(texts.map((fields, id) => ({ id, fields })))
  return {
    words: [...read].map(([surface, { terms, times }]) => [surface, terms, times]),
    scores: term => new Map(engine.search(term).map(({ id, score }) => [id, score])),
  }
}
