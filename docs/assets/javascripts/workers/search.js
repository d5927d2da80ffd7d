// Stands before Material's search worker: finds the forms that Korean writes
// a word in, and shows only what holds every word. Korean has no stemmer and joins words freely: 외부시크릿 holds
// 시크릿, 강제 종료 is also written 강제종료, and a particle follows its word without a space.
const engine = new URL(self.location.href).searchParams.get("engine")

const HANGUL = /^[가-힣]+$/
const PARTICLE = /^(.{2,}?)(?:에서|으로|까지|부터|에게|처럼|보다|이나|하고|을|를|이|가|은|는|의|에|로|와|과|도|만)$/
const ENDING = /^(.{4,}?)(?:ing|ed|es|s)$/
const OPERATOR = /["*~^]|(?:^|\s)[+-]/
const MOST = 40

let separator, vocabulary, texts, current

const fold = text => text.replace(/<[^>]*>/g, " ").replace(/&[lg]t;/g, " ").toLowerCase().replace(/\s+/g, " ")
const split = text => text.split(separator).filter(Boolean)

function learn({ config, docs }) {
  separator = new RegExp(config.separator)
  texts = new Map()
  const counts = new Map()
  for (const { location, title, text } of docs) {
    const folded = fold(`${title} ${text}`)
    texts.set(location, folded)
    for (const token of split(folded)) counts.set(token, (counts.get(token) ?? 0) + 1)
  }
  vocabulary = [...counts].sort((a, b) => b[1] - a[1]).map(([token]) => token)
}

// What a word may stand as in a text. A form is found anywhere in Korean; in English where a word begins.
function forms(word) {
  const found = [word]
  const stem = (HANGUL.test(word) ? PARTICLE : ENDING).exec(word)
  if (stem) found.push(stem[1])
  if (HANGUL.test(word))
    for (let at = 2; at <= word.length - 2; at++) {
      const spaced = `${word.slice(0, at)} ${word.slice(at)}`
      if ([...texts.values()].some(text => text.includes(spaced))) found.push(spaced)
    }
  return found
}

function holds(text, form) {
  if (/[가-힣]/.test(form)) return text.includes(form)
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1))
    if (at === 0 || !/[a-z0-9]/.test(text[at - 1])) return true
  return false
}

// A query becomes groups of forms: a text must hold one form of each group.
function understand(query) {
  const words = split(fold(query))
  const groups = words.map(forms)
  const joined = words.join("")
  const whole = words.length > 1 && words.every(word => HANGUL.test(word)) ? [joined] : []
  // As typed, and with each word's shortest form: rolling restarts, rolling restart.
  const phrases = [fold(query).trim(), groups.map(group => group[1] ?? group[0]).join(" "), ...whole]
  return { words, groups, whole, phrases }
}

const matches = (text, { groups, whole }) =>
  whole.some(form => text.includes(form)) || groups.every(group => group.some(form => holds(text, form)))

// The words that Material's index is asked for: its own prefixes, and the tokens that hold a form elsewhere.
function widen({ groups, whole }) {
  const parts = [...new Set([...groups.flat(), ...whole].flatMap(form => form.split(" ")))]
  const inside = parts.flatMap(part =>
    vocabulary
      .filter(token => !token.startsWith(part) && holds(token, part) && !/[*~^+:\\-]/.test(token))
      .slice(0, MOST)
      .map(token => `${token}^1`))
  return [...parts, ...inside].join(" ")
}

// Sections that hold every word, those with the words in a row first; where there are none, pages that hold every word;
// where there are none, what was found.
function narrow(data) {
  const page = location => location.split("#")[0]
  const inARow = items =>
    items.some(({ location }) => current.phrases.some(phrase => texts.get(location)?.includes(phrase)))
  const whole = new Map()
  for (const [location, text] of texts) whole.set(page(location), `${whole.get(page(location)) ?? ""} ${text}`)
  const terms = Object.fromEntries(current.words.map(word => [word, true]))
  const explained = data.items.map(items => items.map(item => ({ ...item, terms })))
  const exact = explained
    .map(items => [items, items.filter(item => matches(texts.get(item.location) ?? "", current))])
    .filter(([, kept]) => kept.length)
    .map(([items, kept]) => [items.filter(item => kept.includes(item) || !item.location.includes("#")), inARow(kept)])
    .sort((a, b) => b[1] - a[1])
    .map(([items]) => items)
  const pages = explained.filter(([item]) => matches(whole.get(page(item.location)) ?? "", current))
  const last = current.words.at(-1) ?? ""
  const suggest = vocabulary.filter(token => token !== last && token.startsWith(last)).slice(0, 1)
  return { items: exact.length ? exact : pages.length ? pages : data.items, suggest }
}

const post = self.postMessage.bind(self)
self.postMessage = message =>
  post(message.type === 3 && current ? { ...message, data: narrow(message.data) } : message)

// Registered before Material's own listener, so the message is changed before that one reads it.
self.addEventListener("message", ({ data: message }) => {
  if (message.type === 0) learn(message.data)
  if (message.type === 2 && typeof message.data === "string") {
    current = OPERATOR.test(message.data) || !split(fold(message.data)).length ? null : understand(message.data)
    if (current) message.data = widen(current)
  }
})

importScripts(new URL(engine, self.location.href).href)
