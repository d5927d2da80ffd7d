// Material's search worker in our words: it waits until the search is touched, then fetches engine and index, and answers.
const [SETUP, READY, QUERY, RESULT] = [0, 1, 2, 3]

let answer
let last

// What the engine is made of, asked for at once instead of one after the other.
const PARTS = ["search/words", "search/korean", "search/lexicon", "search/near", "search/postings", "../vendor/minisearch/index", "../vendor/stemmer/index"]

async function load() {
  for (const part of PARTS) import(`../${part}.js`)
  const [{ index }, { shown }, places] = await Promise.all([
    import("../search/engine.js"),
    import("../search/shown.js"),
    fetch(new URL("../../../search/places.json", self.location.href)).then(response => response.json()),
  ])
  const ix = index(places)
  return query => shown(query, ix)
}

self.addEventListener("message", async ({ data: { type, data } }) => {
  if (type === SETUP) self.postMessage({ type: READY, data: null })
  if (type !== QUERY || (data === "" && !answer)) return
  last = data
  answer ??= load()
  const found = (await answer)(data)
  // Of what is typed while the index is on its way, only the last is answered.
  if (data === last) self.postMessage({ type: RESULT, data: found })
})
