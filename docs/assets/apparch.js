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

// A browser may refuse to keep anything; a page works without.
const kept = key => { try { return localStorage.getItem(key) } catch { return null } }
const keep = (key, value) => {
  try {
    if (value) localStorage.setItem(key, value)
    else localStorage.removeItem(key)
  } catch {}
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
  box.checked = kept(key) === "1"
  box.setAttribute("aria-label", item.textContent.trim())
  box.addEventListener("change", () => {
    keep(key, box.checked ? "1" : "")
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
  place.textContent = done ? (korean ? ` · ${boxes.length} 가운데 ${done} 읽음` : ` · ${done} of ${boxes.length} read`) : ""
}
document.querySelectorAll(".reading-path").forEach(tell)

// On a phone the cells of a wide table stand below each other (apparch.css), each with its column's name.
// The roles keep it a table for screen readers, which a changed display would take from them.
for (const table of document.querySelectorAll(".md-typeset table:not([class])")) {
  const heads = [...table.querySelectorAll("thead tr > *")]
  if (heads.length < 3) continue
  table.setAttribute("role", "table")
  for (const group of table.querySelectorAll("thead, tbody")) group.setAttribute("role", "rowgroup")
  for (const row of table.rows) {
    row.setAttribute("role", "row")
    ;[...row.cells].forEach((cell, column) => {
      cell.setAttribute("role", cell.tagName === "TH" ? "columnheader" : "cell")
      cell.dataset.label = heads[column]?.textContent.trim() ?? ""
    })
  }
  table.dataset.stacks = ""
}

// A table that is wider than its column can be scrolled by keyboard.
for (const wide of document.querySelectorAll(".md-typeset__scrollwrap")) {
  if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0
}

// Code can be scrolled by keyboard, also where Material takes the device for a touch screen and takes that away.
for (const code of document.querySelectorAll("pre > code")) {
  code.tabIndex = 0
  new MutationObserver(() => {
    if (!code.hasAttribute("tabindex")) code.tabIndex = 0
  }).observe(code, { attributes: true, attributeFilter: ["tabindex"] })
  // Material's bar with the copy button is no landmark of the page.
  new MutationObserver(() => {
    code.parentElement.querySelector("nav:not([role])")?.setAttribute("role", "none")
  }).observe(code.parentElement, { childList: true })
  code.parentElement.querySelector("nav")?.setAttribute("role", "none")
}
