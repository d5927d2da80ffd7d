// Stands before Material's search worker: drops the other language's pages, widens Korean queries.
// Korean has no stemmer and joins words freely: 외부시크릿 holds 시크릿, 환경 변수 is also written 환경변수.
const parameters = new URL(self.location.href).searchParams
const language = parameters.get("language")
const HANGUL = /^[가-힣]{2,}$/

const foreign = location => language === "en" ? !location.startsWith("en/") : location.startsWith("en/")

const widen = query => {
  if (/["*+~^-]/.test(query)) return query
  const words = query.split(/\s+/).filter(Boolean)
  const korean = words.filter(word => HANGUL.test(word))
  const joined = words.length > 1 && korean.length === words.length ? [`*${words.join("")}*`] : []
  const parts = korean.flatMap(word => word.length >= 4 ? [word.slice(0, 2), word.slice(-2)].map(part => `*${part}*`) : [])
  return [...words, ...korean.map(word => `*${word}*`), ...joined, ...parts].join(" ")
}

// Registered before Material's own listener, so the message is changed before that one reads it.
self.addEventListener("message", ({ data: message }) => {
  if (message.type === 0) message.data.docs = message.data.docs.filter(({ location }) => !foreign(location))
  if (message.type === 2 && typeof message.data === "string") message.data = widen(message.data)
})

importScripts(new URL(parameters.get("engine"), self.location.href).href)
