// Small behaviours of a page: languages, ticked checklists, tables and code on any device.

// The other language opens at the same section; reading moves the address on without telling, so it is read late.
for (const event of ["pointerdown", "click", "focusin", "mouseover"])
  document.addEventListener(event, ({ target }) => {
    const link = target.closest?.(".md-select__link[hreflang]")
    if (!link) return
    link.hash = location.hash
    if (event === "click") remember("apparch:language", link.hreflang)
  }, true)

// Where nothing may be stored, nothing is remembered, and all else works.
function remember(key, value) {
  try { localStorage.setItem(key, value) } catch { /* a private window */ }
}

function remembered(key) {
  try { return localStorage.getItem(key) } catch { return null }
}

// A ticked item is known by its page and its text, so that an added item moves none of the others.
// Both languages keep their own state. A step of a reading path is known by its path and where it leads,
// the same in both languages.
for (const box of document.querySelectorAll(".task-list-control input")) {
  const item = box.closest("li")
  const path = item.closest(".reading-path")
  const key = path
    ? `apparch:path:${path.dataset.path}:${item.querySelector("a").getAttribute("href")}`
    : `apparch:${location.pathname}:${item.textContent.trim()}`
  // Ticks of when the document was one page are kept.
  box.checked = (remembered(key) ?? remembered(key.replace(/[0-9a-z]\/:/, ":"))) === "1"
  box.setAttribute("aria-label", item.textContent.trim())
  box.addEventListener("change", () => {
    remember(key, box.checked ? "1" : "0")
    if (path) tell(path)
  })
}

// How many steps of a reading path are done.
function tell(path) {
  const boxes = [...path.querySelectorAll("input")]
  const done = boxes.filter(box => box.checked).length
  let place = path.querySelector(".reading-done")
  if (!place) {
    place = document.createElement("span")
    place.className = "reading-done"
    place.setAttribute("role", "status")
    path.querySelector(".reading-time").append(place)
  }
  const korean = document.documentElement.lang === "ko"
  place.textContent = done ? (korean ? ` · ${boxes.length} 가운데 ${done} 읽음` : ` · ${done} of ${boxes.length} read`) : ""
}
document.querySelectorAll(".reading-path").forEach(tell)

// Code can be scrolled by keyboard, also where Material takes the device for a touch screen and takes that away.
const reachable = () => {
  for (const code of document.querySelectorAll("pre > code:not([tabindex])")) code.tabIndex = 0
  // Material's bar with the copy button is no landmark of the page.
  for (const bar of document.querySelectorAll("pre > nav:not([role])")) bar.role = "none"
}
const article = document.querySelector("article")
reachable()
if (article)
  new MutationObserver(reachable).observe(article, { subtree: true, childList: true, attributeFilter: ["tabindex"] })

// A section whose own page opens it has an icon for a label, and a landmark needs a name.
for (const nav of document.querySelectorAll(".md-nav[aria-labelledby]")) {
  nav.ariaLabel = nav.querySelector(".md-nav__title").textContent.trim()
  nav.removeAttribute("aria-labelledby")
}

// A long navigation opens at the page that is read.
const here = document.querySelector(".md-sidebar--primary .md-nav__link--active[href], .family [aria-current]")
const room = here?.closest(".md-sidebar__scrollwrap")
if (room && here.offsetParent) {
  const [at, frame] = [here.getBoundingClientRect(), room.getBoundingClientRect()]
  if (at.bottom > frame.bottom || at.top < frame.top) room.scrollTop += at.top - frame.top - frame.height / 3
}

// A table that is wider than its column can be scrolled by keyboard.
for (const wide of document.querySelectorAll(".md-typeset__scrollwrap")) {
  if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0
}

// The search is loaded when it is first touched: its worker hears of nothing but what is typed, so a blank is typed for
// the reader and taken away again. What is pasted or composed is told like a pressed key.
const searched = document.querySelector(".md-search__input")
const typed = () => searched.dispatchEvent(new KeyboardEvent("keyup"))
searched?.addEventListener("input", typed)
searched?.addEventListener("focus", () => {
  for (const value of searched.value ? [] : [" ", ""]) {
    searched.value = value
    typed()
  }
}, { once: true })
