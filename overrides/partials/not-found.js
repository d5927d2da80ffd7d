// What the reader may have meant: the same address in the right letter case is opened, near ones are offered.
const place = document.querySelector(".not-found")
const WORDS = { ko: "혹시 이것을 찾는가?", en: "Did you mean one of these?" }
const OTHERS = { ko: "이 묶음의 다른 규칙", en: "The other rules of this family" }
const MOST = 3
const DEEPEST = 8

// The site's root is where its list of rules is: the next folder above this address that has one, so that an edition
// answers for itself, and a mirror wherever it is served; else the root that the page was built for.
async function found() {
  const parts = location.pathname.split("/").slice(0, DEEPEST)
  const above = parts.map((_, depth) => `${parts.slice(0, depth + 1).join("/")}/`).reverse()
  for (const root of new Set([...above, place.dataset.root])) {
    const answer = await fetch(`${root}r/index.json`).catch(() => null)
    if (answer?.ok && answer.headers.get("content-type")?.includes("json")) return { root, ...(await answer.json()) }
  }
  return null
}

// Edits from one word to another; two letters that changed places count as one.
function distance(one, two) {
  const rows = [[...Array(two.length + 1).keys()]]
  for (let i = 1; i <= one.length; i++) {
    rows[i] = [i]
    for (let j = 1; j <= two.length; j++) {
      const swapped = i > 1 && j > 1 && one[i - 1] === two[j - 2] && one[i - 2] === two[j - 1]
      rows[i][j] = Math.min(
        rows[i - 1][j] + 1,
        rows[i][j - 1] + 1,
        rows[i - 1][j - 1] + (one[i - 1] === two[j - 1] ? 0 : 1),
        swapped ? rows[i - 2][j - 2] + 1 : Infinity
      )
    }
  }
  return rows.at(-1)[two.length]
}

// IMG02, IMG-002, img2 and IMGO02 are IMG002; IGM002 is near it. An ID without number stands for its family.
function rulesNear(word, rules) {
  const written = /^([a-z]{2,4})[\W_]*([0-9o]{0,4})$/i.exec(word)
  if (!written) return []
  const [, letters, digits] = written
  const number = String(Number(digits.toUpperCase().replaceAll("O", "0"))).padStart(3, "0")
  const families = [...new Set(rules.map(id => id.slice(0, 3)))]
  const name = letters.toUpperCase()
  const near = families.includes(name) ? [name] : families.filter(family => distance(family, name) < 2)
  const exact = near.map(family => family + number).filter(id => rules.includes(id))
  if (exact.length) return exact
  const ofFamilies = rules.filter(id => near.includes(id.slice(0, 3)))
  return ofFamilies.sort((a, b) => distance(a.slice(3), number) - distance(b.slice(3), number))
}

function pagesNear(path, pages) {
  const asked = path.toLowerCase()
  const name = asked.split("/").filter(Boolean).at(-1) ?? ""
  return Object.keys(pages)
    .map(page => ({ page, far: Math.min(distance(page.toLowerCase(), asked), distance(page.split("/").at(-2) ?? "", name)) }))
    .filter(({ page, far }) => page && far <= Math.max(2, name.length / 3))
    .sort((a, b) => a.far - b.far)
    .map(({ page }) => page)
}

function offer(section, links, more) {
  const language = section.lang
  const list = document.createElement("ul")
  list.append(...[...links, ...(more ? [{ href: more, text: OTHERS[language] }] : [])].map(item))
  const lead = document.createElement("p")
  lead.textContent = WORDS[language]
  section.querySelector(".near").replaceChildren(lead, list)
}

function item({ href, text }) {
  const made = document.createElement("li")
  made.append(Object.assign(document.createElement("a"), { href, textContent: text }))
  return made
}

const site = await found()
if (site) {
  if (site.root !== place.dataset.root)
    for (const link of document.querySelectorAll("a[href], link[rel=stylesheet], link[rel=icon]")) {
      const built = link.getAttribute("href")
      if (built.startsWith(place.dataset.root)) link.href = site.root + built.slice(place.dataset.root.length)
    }
  const below = location.pathname.slice(site.root.length)
  const english = below.startsWith("en/")
  const path = decodeURIComponent(below.replace(/^en\//, "").replace(/(index\.html|\.html|\/)*$/, "/").replace(/^\/$/, ""))
  const parts = path.split("/").filter(Boolean)
  const rules = Object.keys(site.rules)
  const own = parts.at(-1)?.toUpperCase()
  if (["r", "rules"].includes(parts[0]) && parts.length === 2 && own in site.rules && own !== parts[1]) {
    const kept = parts[0] === "r" ? `r/${own}/` : `${english ? "en/" : ""}rules/${own}/`
    location.replace(site.root + kept + location.search + location.hash)
  }
  const ids = rulesNear(parts.at(-1) ?? "", rules).slice(0, MOST)
  const pages = ids.length ? [] : pagesNear(path, site.pages).slice(0, MOST)
  for (const section of place.querySelectorAll("section")) {
    const at = section.lang === "ko" ? 0 : 1
    const home = site.root + (at ? "en/" : "")
    const links = [
      ...ids.map(id => ({ href: `${home}rules/${id}/`, text: `${id} ${site.rules[id][at]}` })),
      ...pages.map(page => ({ href: home + page, text: site.pages[page][at] })),
    ]
    if (links.length) offer(section, links, ids.length ? `${home}rules/#${ids[0].slice(0, 3).toLowerCase()}` : "")
  }
  // Who asked for an English address reads the English words first.
  if (english) place.append(place.querySelector('section[lang="ko"]') ?? "")
}
