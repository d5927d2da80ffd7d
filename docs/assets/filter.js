// Filters the rows of the tables below a form by its fields, and keeps what was chosen in the address.
for (const form of document.querySelectorAll("form.filter")) {
  const box = form.closest(".filtered")
  const fields = [...form.elements].filter(field => field.name)
  const count = form.querySelector("output")
  const plain = text => text.normalize("NFC").toLowerCase()

  // A table and the heading above it go when none of its rows is left.
  const groups = []
  let heading = null
  for (const each of box.querySelectorAll("h2, table")) {
    if (each.tagName === "H2") { heading = each; continue }
    const rows = [...each.tBodies[0].rows].map(row => {
      const facets = row.querySelector(".facets")?.dataset ?? {}
      return { row, facets, text: plain(`${row.textContent} ${facets.words ?? ""}`) }
    })
    groups.push({ heading, table: each, rows })
    heading = null
  }
  const all = groups.flatMap(group => group.rows).length

  // Not `q`, at which Material opens its search.
  const fits = ({ facets, text }) => fields.every(({ name, value }) => {
    if (name === "find") return plain(value).split(/\s+/).every(word => text.includes(word))
    return !value || (facets[name] ?? "").split(" ").includes(value)
  })

  const show = () => {
    let shown = 0
    for (const { heading, table, rows } of groups) {
      let left = 0
      for (const each of rows) {
        each.row.hidden = !fits(each)
        if (!each.row.hidden) left += 1
      }
      table.hidden = left === 0
      if (heading) heading.hidden = left === 0
      shown += left
    }
    count.textContent = count.dataset.count.replace("{shown}", shown).replace("{all}", all)
  }

  // Two forms of a page must not share a name in the address, so only what the form knows is read and written.
  const key = name => form.dataset.name ? `${form.dataset.name}-${name}` : name
  const read = () => {
    const asked = new URLSearchParams(location.search)
    for (const field of fields) {
      field.value = asked.get(key(field.name)) ?? ""
      if (field.selectedIndex === -1) field.value = ""
    }
    show()
  }
  const write = () => {
    const address = new URL(location.href)
    for (const { name, value } of fields) {
      if (value.trim()) address.searchParams.set(key(name), value.trim())
      else address.searchParams.delete(key(name))
    }
    history.replaceState(history.state, "", address)
    show()
  }

  form.addEventListener("input", write)
  form.addEventListener("submit", event => event.preventDefault())
  form.addEventListener("reset", () => setTimeout(write))
  addEventListener("popstate", read)
  read()
  form.hidden = false
}
